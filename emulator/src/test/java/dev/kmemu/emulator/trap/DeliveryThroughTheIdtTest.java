package dev.kmemu.emulator.trap;

import static dev.kmemu.emulator.trap.GuestKernel.CODE;
import static dev.kmemu.emulator.trap.GuestKernel.CS;
import static dev.kmemu.emulator.trap.GuestKernel.DATA;
import static dev.kmemu.emulator.trap.GuestKernel.HANDLER;
import static dev.kmemu.emulator.trap.GuestKernel.INTERRUPT_GATE;
import static dev.kmemu.emulator.trap.GuestKernel.IST_STACK;
import static dev.kmemu.emulator.trap.GuestKernel.SS;
import static dev.kmemu.emulator.trap.GuestKernel.STACK;
import static dev.kmemu.emulator.trap.GuestKernel.TRAP_GATE;
import static dev.kmemu.emulator.trap.GuestKernel.UNMAPPED;
import static org.assertj.core.api.Assertions.assertThat;

import dev.kmemu.emulator.cpu.CpuExit;
import dev.kmemu.emulator.cpu.Register;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class DeliveryThroughTheIdtTest {

  private static final long IF = 1 << 9;
  private static final long RF = 1 << 16;
  private static final long CF = 1;
  private static final long ZF = 1 << 6;
  private static final long SF = 1 << 7;
  private static final long RFLAGS = IF | 2;
  private static final long UNALIGNED_RSP = STACK - 5;

  private final GuestKernel guest = new GuestKernel();

  @AfterEach
  void close() {
    guest.close();
  }

  /** Runs one instruction into its exception, up to the HLT that the handler starts with. */
  private void raise(int vector, int gateType, String instruction) {
    guest.gate(vector, gateType, 0);
    guest.code(CODE, instruction);
    guest.set(Register.RSP, UNALIGNED_RSP);
    guest.set(Register.RFLAGS, RFLAGS);
    assertThat(guest.cpu.run()).isEqualTo(CpuExit.Halted.INSTANCE);
    assertThat(guest.get(Register.RIP)).as("behind the handler's HLT").isEqualTo(HANDLER + 1);
  }

  private void assertFrame(long at, long rip, long rflags, long rsp) {
    assertThat(guest.load(at)).as("RIP").isEqualTo(rip);
    assertThat(guest.load(at + 8)).as("CS").isEqualTo(CS);
    assertThat(guest.load(at + 16)).as("RFLAGS").isEqualTo(rflags);
    assertThat(guest.load(at + 24)).as("RSP").isEqualTo(rsp);
    assertThat(guest.load(at + 32)).as("SS").isEqualTo(SS);
  }

  @Test
  void aPageFaultPushesItsErrorCodeAndTheFaultingInstruction() {
    guest.set(Register.RSI, UNMAPPED + 0x123);
    raise(14, INTERRUPT_GATE, "488906"); // mov [rsi], rax
    long rsp = guest.get(Register.RSP);
    assertThat(rsp).isEqualTo((UNALIGNED_RSP & -16) - 48);
    assertThat(guest.load(rsp)).as("error code: supervisor write, not present").isEqualTo(2);
    assertFrame(rsp + 8, CODE, RFLAGS | RF, UNALIGNED_RSP);
    assertThat(guest.get(Register.CR2)).isEqualTo(UNMAPPED + 0x123);
  }

  @ParameterizedTest(name = "{0}")
  @CsvSource({
    "#DE div ecx, 0, f7f1, 0, true",
    "#BP int3, 3, cc, 1, false",
    "#UD ud2, 6, 0f0b, 0, true",
    "int 0x80, 128, cd80, 2, false",
  })
  void anExceptionWithoutErrorCodePushesFiveWords(
      String name, int vector, String instruction, int ripOffset, boolean isFault) {
    guest.set(Register.RCX, 0);
    raise(vector, INTERRUPT_GATE, instruction);
    long rsp = guest.get(Register.RSP);
    assertThat(rsp).as("16-byte alignment before the pushes").isEqualTo((UNALIGNED_RSP & -16) - 40);
    assertFrame(rsp, CODE + ripOffset, isFault ? RFLAGS | RF : RFLAGS, UNALIGNED_RSP);
  }

  @Test
  void aGeneralProtectionFaultNamesTheSelector() {
    guest.set(Register.RAX, 0x4B);
    raise(13, INTERRUPT_GATE, "8ed8"); // mov ds, eax
    long rsp = guest.get(Register.RSP);
    assertThat(guest.load(rsp)).as("error code").isEqualTo(0x48);
    assertFrame(rsp + 8, CODE, RFLAGS | RF, UNALIGNED_RSP);
  }

  @Test
  void anInterruptGateMasksInterruptsAndATrapGateDoesNot() {
    raise(6, INTERRUPT_GATE, "0f0b");
    assertThat(guest.get(Register.RFLAGS) & (IF | RF)).isZero();
    guest.set(Register.RIP, CODE);
    raise(6, TRAP_GATE, "0f0b");
    assertThat(guest.get(Register.RFLAGS) & (IF | RF)).isEqualTo(IF);
  }

  @Test
  void anIstEntrySwitchesTheStack() {
    guest.gate(6, INTERRUPT_GATE, 3);
    guest.ist(3, IST_STACK + 7);
    guest.code(CODE, "0f0b");
    guest.set(Register.RFLAGS, RFLAGS);
    assertThat(guest.cpu.run()).isEqualTo(CpuExit.Halted.INSTANCE);
    assertThat(guest.get(Register.RSP)).isEqualTo(IST_STACK - 40);
    assertFrame(IST_STACK - 40, CODE, RFLAGS | RF, STACK);
  }

  @Test
  void anIstEntrySavesAGuestWhoseStackIsGone() {
    guest.gate(14, INTERRUPT_GATE, 1);
    guest.ist(1, IST_STACK);
    guest.set(Register.RSP, UNMAPPED);
    guest.code(CODE, "50"); // push rax, just below the unmapped page: fine
    guest.code(CODE + 1, "5858"); // pop rax; pop rax: the second reads the unmapped page
    assertThat(guest.cpu.run()).isEqualTo(CpuExit.Halted.INSTANCE);
    assertFrame(IST_STACK - 40, CODE + 2, (guest.load(IST_STACK - 24) & ~RF) | RF, UNMAPPED);
  }

  @Test
  void iretqGoesBackToTheFaultingInstructionAsOftenAsItFaults() {
    guest.gate(14, INTERRUPT_GATE, 0);
    // mov [rsi], rax; mov rsi, rdi; mov [rsi], rax; hlt
    guest.code(CODE, "488906 4889fe 488906 f4");
    // handler: add rsp, 8; inc rbx; mov esi, DATA; iretq
    guest.code(HANDLER, "4883c408 48ffc3 be00002000 48cf");
    guest.set(Register.RAX, 0x77);
    guest.set(Register.RBX, 0);
    guest.set(Register.RSI, UNMAPPED);
    guest.set(Register.RDI, UNMAPPED + 0x1000);
    guest.set(Register.RFLAGS, RFLAGS);
    assertThat(guest.cpu.run()).isEqualTo(CpuExit.Halted.INSTANCE);
    assertThat(guest.get(Register.RIP)).isEqualTo(CODE + 10);
    assertThat(guest.get(Register.RBX)).as("faults").isEqualTo(2);
    assertThat(guest.load(DATA)).isEqualTo(0x77);
    assertThat(guest.get(Register.RSP)).isEqualTo(STACK);
    assertThat(guest.get(Register.RFLAGS) & IF).as("IF is back").isEqualTo(IF);
  }

  @Test
  void theFlagsOfTheLastComparisonSurviveTheWayThroughTheHandler() {
    guest.gate(14, INTERRUPT_GATE, 0);
    // xor eax, eax; cmp eax, 1; mov [rsi], eax; setb cl; sets dl; setz al; hlt
    guest.code(CODE, "31c0 83f801 8906 0f92c1 0f98c2 0f94c0 f4");
    // handler: mov r8, [rsp+24] (RFLAGS); add rsp, 8; mov esi, DATA; test esp, esp; iretq
    guest.code(HANDLER, "4c8b442418 4883c408 be00002000 85e4 48cf");
    guest.set(Register.RSI, UNMAPPED);
    guest.set(Register.RCX, 0);
    guest.set(Register.RDX, 0);
    guest.set(Register.RFLAGS, RFLAGS);
    assertThat(guest.cpu.run()).isEqualTo(CpuExit.Halted.INSTANCE);
    assertThat(guest.get(Register.R8) & (CF | SF | ZF)).as("pushed").isEqualTo(CF | SF);
    assertThat(guest.get(Register.RCX)).as("CF").isEqualTo(1);
    assertThat(guest.get(Register.RDX)).as("SF").isEqualTo(1);
    assertThat(guest.get(Register.RAX)).as("ZF").isZero();
  }

  @Test
  void anExceptionInAHandlerIsDeliveredToo() {
    guest.gate(3, INTERRUPT_GATE, 0);
    guest.gate(6, INTERRUPT_GATE, 1);
    guest.ist(1, IST_STACK);
    guest.code(CODE, "cc");
    // handler of both: cmp rsp, rdx; jb +2; ud2; hlt - the IST stack is above RDX
    guest.code(HANDLER, "4839d4 7702 0f0b f4");
    guest.set(Register.RDX, STACK);
    assertThat(guest.cpu.run()).isEqualTo(CpuExit.Halted.INSTANCE);
    assertThat(guest.load(IST_STACK - 40)).as("RIP of the nested one").isEqualTo(HANDLER + 5);
  }
}
