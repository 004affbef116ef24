package dev.kmemu.emulator.unicorn;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.kmemu.emulator.cpu.CpuExit;
import dev.kmemu.emulator.cpu.MemoryWatch;
import dev.kmemu.emulator.cpu.Register;
import dev.kmemu.emulator.cpu.TrapAction;
import dev.kmemu.emulator.memory.VirtualAddress;
import java.util.Collections;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

@DisplayName("Watches end a run behind the instruction (SDM vol. 3B, 17.2.4)")
class WatchesTest {

  private static final long CODE = TestMachine.CODE;
  private static final long DATA = TestMachine.DATA;
  private static final long WATCHED = DATA + 0x100;
  private static final long CARRY = 1;

  private final TestMachine machine = new TestMachine();

  @BeforeEach
  void mapData() {
    machine.map(DATA, DATA);
    machine.map(DATA + 0x1000, DATA + 0x1000);
    machine.cpu.registers().write(Register.RDI, WATCHED);
    machine.cpu.registers().write(Register.RSI, WATCHED);
    machine.cpu.registers().write(Register.RAX, 0x1122334455667788L);
    machine.cpu.registers().write(Register.RCX, 3);
  }

  @AfterEach
  void close() {
    machine.close();
  }

  private static MemoryWatch watch(long address, int length, boolean reads, boolean writes) {
    return new MemoryWatch(new VirtualAddress(address), length, reads, writes);
  }

  private void watchAccess(long address, int length) {
    machine.cpu.setWatches(List.of(watch(address, length, true, true)));
  }

  private CpuExit.WatchHit hit() {
    CpuExit exit = machine.cpu.run();
    assertThat(exit).isInstanceOf(CpuExit.WatchHit.class);
    return (CpuExit.WatchHit) exit;
  }

  private void code(String hex) {
    machine.code(hex);
    machine.cpu.invalidateCode(new VirtualAddress(CODE), 0x20);
  }

  private long load(long address) {
    return machine.ram.load64(address);
  }

  private long rip() {
    return machine.register(Register.RIP);
  }

  @ParameterizedTest(name = "{0}")
  @CsvSource({
    "'mov [rdi], rax', 488907, 3",
    "'mov [rdi], eax', 8907, 2",
    "'mov [rdi], ax', 668907, 3",
    "'mov [rdi], al', 8807, 2",
    "'mov rax, [rdi]', 488b07, 3",
    "'mov al, [rdi]', 8a07, 2",
    "'mov [rdi-4], rax', 488947fc, 4",
    "'mov [rdi-7], rax', 488947f9, 4",
    "'movdqu [rdi-8], xmm0', f30f7f47f8, 5",
    "'inc qword [rdi]', 48ff07, 3",
    "'lock xadd [rdi], rax', f0480fc107, 5",
    "'xchg [rdi], rax', 488707, 3",
    "'push qword [rdi]', ff37, 2",
    "'pop qword [rdi]', 8f07, 2",
    "movsb, a4, 1",
    "stosq, 48ab, 2",
    "lodsw, 66ad, 2",
    "cmpsb, a6, 1",
    "'fxsave [rdi]', 0fae07, 3",
  })
  void anAccessToTheBytesIsAHit(String name, String code, int length) {
    code(code + "90 f4");
    watchAccess(WATCHED, 1);
    assertThat(hit().address().value()).isEqualTo(WATCHED);
    assertThat(rip()).isEqualTo(CODE + length);
    assertThat(machine.cpu.run()).as("it goes on behind it").isEqualTo(CpuExit.Halted.INSTANCE);
    assertThat(rip()).isEqualTo(CODE + length + 2);
  }

  @ParameterizedTest(name = "{0}")
  @CsvSource({
    "'mov [rdi-8], rax', 488947f8",
    "'mov [rdi+8], rax', 48894708",
    "'lea rax, [rdi]', 488d07",
    "'prefetcht0 [rdi]', 0f180f",
    "'mov [rdi+0x1000], rax', 48898700100000",
  })
  void anAccessBesideIsNone(String name, String code) {
    code(code + "f4");
    watchAccess(WATCHED, 8);
    assertThat(machine.cpu.run()).isEqualTo(CpuExit.Halted.INSTANCE);
  }

  @ParameterizedTest
  @CsvSource({"1, 8807", "2, 668907", "4, 8907", "8, 488907"})
  void allOfItsBytesCount(int length, String store) {
    code(store + "f4");
    watchAccess(WATCHED, length);
    machine.cpu.registers().write(Register.RDI, WATCHED + length - 1);
    assertThat(hit().address().value()).isEqualTo(WATCHED + length - 1);
  }

  @Test
  void readsAndWritesAreToldApart() {
    // mov rax, [rdi]; mov [rdi], rax; hlt
    code("488b07 488907 f4");
    machine.cpu.setWatches(List.of(watch(WATCHED, 8, false, true)));
    hit();
    assertThat(rip()).as("behind the write").isEqualTo(CODE + 6);
    machine.cpu.registers().write(Register.RIP, CODE);
    machine.cpu.setWatches(List.of(watch(WATCHED, 8, true, false)));
    hit();
    assertThat(rip()).as("behind the read").isEqualTo(CODE + 3);
    assertThat(machine.cpu.run()).isEqualTo(CpuExit.Halted.INSTANCE);
  }

  @Test
  void fetchesAreNotReads() {
    code("4889c8 f4");
    watchAccess(CODE, 1);
    assertThat(machine.cpu.run()).isEqualTo(CpuExit.Halted.INSTANCE);
    machine.cpu.registers().write(Register.RIP, CODE);
    code("480fb606 f4"); // movzx rax, byte [rsi]
    machine.cpu.registers().write(Register.RSI, CODE);
    hit();
    assertThat(machine.register(Register.RAX)).isEqualTo(0x48);
  }

  @Test
  void stateAndMemoryAreThoseBehindTheInstruction() {
    // xor eax, eax; cmp eax, 1; mov [rdi], rcx; lea rcx, [rcx+1]; hlt
    code("31c0 83f801 48890f 488d4901 f4");
    watchAccess(WATCHED, 8);
    hit();
    assertThat(rip()).isEqualTo(CODE + 8);
    assertThat(machine.register(Register.RFLAGS) & CARRY).isEqualTo(CARRY);
    assertThat(machine.register(Register.RCX)).isEqualTo(3);
    assertThat(load(WATCHED)).isEqualTo(3);
  }

  @Test
  void eachIterationOfAStringInstructionIsAHit() {
    code("f348ab f4"); // rep stosq
    machine.cpu.registers().write(Register.RDI, WATCHED - 8);
    watchAccess(WATCHED, 4);
    hit();
    assertThat(rip()).as("not yet behind it").isEqualTo(CODE);
    assertThat(machine.register(Register.RCX)).isEqualTo(1);
    assertThat(machine.cpu.run()).isEqualTo(CpuExit.Halted.INSTANCE);
    assertThat(machine.register(Register.RDI)).isEqualTo(WATCHED + 16);
  }

  @Test
  void eachIterationOfOneThatStoresToTheCodeBehindItIsAHit() {
    code("f3aa 9090909090 f4"); // rep stosb
    machine.cpu.registers().write(Register.RAX, 0x90);
    machine.cpu.registers().write(Register.RDI, CODE + 3);
    watchAccess(CODE + 4, 1);
    hit();
    assertThat(rip()).isEqualTo(CODE);
    assertThat(machine.register(Register.RCX)).isEqualTo(1);
    assertThat(machine.cpu.run()).isEqualTo(CpuExit.Halted.INSTANCE);
  }

  @ParameterizedTest(name = "{0}")
  @CsvSource({
    "'mov byte [rip+2], 0x90', c6050200000090, 7",
    "'inc byte [rip+2]', fe0502000000, 6",
    "stosb, aa, 1",
  })
  void aStoreToTheCodeOfItsOwnBlockIsOneHit(String name, String code, int length) {
    code(code + "909090 9090909090 f4");
    machine.cpu.registers().write(Register.RDI, CODE + length + 2);
    machine.cpu.registers().write(Register.RAX, 0x90);
    watchAccess(CODE + length + 2, 1);
    assertThat(hit().address().value()).isEqualTo(CODE + length + 2);
    assertThat(rip()).isEqualTo(CODE + length);
    machine.cpu.setWatches(List.of());
    assertThat(machine.cpu.run()).as("it goes on behind it").isEqualTo(CpuExit.Halted.INSTANCE);
  }

  @Test
  void pushAndCallAreWrites() {
    code("e800000000 f4"); // call next
    machine.cpu.registers().write(Register.RSP, WATCHED + 8);
    watchAccess(WATCHED, 8);
    hit();
    assertThat(rip()).isEqualTo(CODE + 5);
    assertThat(load(WATCHED)).isEqualTo(CODE + 5);
    machine.cpu.registers().write(Register.RIP, CODE);
    code("50 f4"); // push rax
    machine.cpu.registers().write(Register.RSP, WATCHED + 8);
    hit();
    assertThat(rip()).isEqualTo(CODE + 1);
  }

  @ParameterizedTest(name = "{0}")
  @CsvSource({"store, 488907", "load, 488b07", "exchange, 488707"})
  void anAccessAcrossTwoPagesHitsInBoth(String name, String code) {
    code(code + "f4");
    for (long watched : new long[] {DATA + 0xFFF, DATA + 0x1000, DATA + 0x1004}) {
      machine.cpu.registers().write(Register.RIP, CODE);
      machine.cpu.registers().write(Register.RDI, DATA + 0xFFD);
      watchAccess(watched, 1);
      assertThat(hit().address().value()).isEqualTo(watched);
    }
    for (long besides : new long[] {DATA + 0xFFC, DATA + 0xFF8, DATA + 0x1005, DATA + 0x1007}) {
      machine.cpu.registers().write(Register.RIP, CODE);
      machine.cpu.registers().write(Register.RDI, DATA + 0xFFD);
      watchAccess(besides, 1);
      assertThat(machine.cpu.run()).as("%x", besides).isEqualTo(CpuExit.Halted.INSTANCE);
    }
  }

  @Test
  void aPageThatIsMappedLaterIsWatched() {
    code("488907 f4");
    long later = DATA + 0x5000;
    machine.cpu.registers().write(Register.RDI, later);
    int[] faults = new int[1];
    machine.cpu.setTrapHandler(
        frame -> {
          faults[0]++;
          machine.map(later, DATA + 0x3000);
          return TrapAction.RESUME;
        });
    watchAccess(later, 8);
    assertThat(hit().address().value()).isEqualTo(later);
    assertThat(faults[0]).isEqualTo(1);
    assertThat(load(DATA + 0x3000)).isEqualTo(0x1122334455667788L);
  }

  @Test
  void theWatchFollowsTheLinearAddressWhenThePageMoves() {
    code("488907 f4");
    watchAccess(WATCHED, 8);
    hit();
    machine.map(DATA, DATA + 0x3000);
    machine.map(DATA + 0x1000, DATA);
    machine.cpu.tlb().invalidateAll();
    machine.cpu.registers().write(Register.RIP, CODE);
    hit();
    assertThat(load(DATA + 0x3100)).isEqualTo(0x1122334455667788L);
    machine.cpu.registers().write(Register.RIP, CODE);
    machine.cpu.registers().write(Register.RDI, WATCHED + 0x1000);
    assertThat(machine.cpu.run()).as("the frame alone").isEqualTo(CpuExit.Halted.INSTANCE);
  }

  @Test
  void aFaultInTheSameInstructionComesFirst() {
    code("a4 f4"); // movsb
    machine.cpu.registers().write(Register.RDI, DATA + 0x5000);
    machine.cpu.setTrapHandler(frame -> TrapAction.END);
    watchAccess(WATCHED, 1);
    assertThat(machine.cpu.run()).isEqualTo(CpuExit.HandlerEnded.INSTANCE);
    assertThat(rip()).isEqualTo(CODE);
    machine.map(DATA + 0x5000, DATA + 0x3000);
    hit();
    assertThat(rip()).isEqualTo(CODE + 1);
  }

  @Test
  void aFaultOfTheNextInstructionComesLater() {
    code("ffd1"); // call rcx
    machine.cpu.registers().write(Register.RCX, DATA + 0x5000);
    machine.cpu.setTrapHandler(frame -> TrapAction.END);
    machine.cpu.registers().write(Register.RSP, WATCHED + 8);
    watchAccess(WATCHED, 8);
    hit();
    assertThat(rip()).isEqualTo(DATA + 0x5000);
    assertThat(machine.cpu.run()).isEqualTo(CpuExit.HandlerEnded.INSTANCE);
  }

  @Test
  void aStepOntoAWatchedAccessTellsOfIt() {
    code("488907 90 f4");
    watchAccess(WATCHED, 8);
    assertThat(machine.cpu.step()).isInstanceOf(CpuExit.WatchHit.class);
    assertThat(rip()).isEqualTo(CODE + 3);
    assertThat(machine.cpu.step()).isEqualTo(CpuExit.Stepped.INSTANCE);
    assertThat(rip()).isEqualTo(CODE + 4);
  }

  @Test
  void aHitBeatsABreakpointBehindIt() {
    code("488907 90 f4");
    watchAccess(WATCHED, 8);
    machine.cpu.addBreakpoint(new VirtualAddress(CODE));
    machine.cpu.addBreakpoint(new VirtualAddress(CODE + 3));
    hit();
    assertThat(rip()).isEqualTo(CODE + 3);
    machine.cpu.addBreakpoint(new VirtualAddress(CODE + 4));
    assertThat(machine.cpu.run()).isEqualTo(CpuExit.BreakpointHit.INSTANCE);
    assertThat(rip()).isEqualTo(CODE + 4);
  }

  @Test
  void thereAreFour() {
    MemoryWatch one = watch(WATCHED, 8, true, true);
    assertThat(machine.cpu.watchCapacity()).isEqualTo(4);
    assertThatThrownBy(() -> machine.cpu.setWatches(Collections.nCopies(5, one)))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("5 watches; there can be 4 at a time");
    code("488907 f4");
    machine.cpu.setWatches(
        List.of(
            watch(WATCHED + 8, 8, true, true),
            watch(WATCHED + 16, 8, true, true),
            watch(WATCHED, 8, true, false),
            watch(WATCHED + 4, 2, false, true)));
    assertThat(hit())
        .extracting(CpuExit.WatchHit::watch)
        .isEqualTo(watch(WATCHED + 4, 2, false, true));
  }

  @Test
  void aRunWithoutWatchesFindsNone() {
    code("488907 488907 f4");
    watchAccess(WATCHED, 8);
    hit();
    machine.cpu.setWatches(List.of());
    assertThat(machine.cpu.step()).isEqualTo(CpuExit.Stepped.INSTANCE);
    machine.cpu.registers().write(Register.RIP, CODE);
    assertThat(machine.cpu.run()).isEqualTo(CpuExit.Halted.INSTANCE);
    assertThat(rip()).isEqualTo(CODE + 7);
    machine.cpu.registers().write(Register.RIP, CODE);
    watchAccess(WATCHED, 8);
    hit();
  }

  @Test
  void beforePagingLinearAddressesArePhysical() {
    code("8907 f4");
    machine.cpu.registers().write(Register.CR0, 0x33);
    watchAccess(WATCHED, 4);
    hit();
    assertThat(rip()).isEqualTo(CODE + 2);
  }
}
