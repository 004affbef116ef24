package dev.kmemu.emulator.trap;

import static dev.kmemu.emulator.trap.GuestKernel.CODE;
import static dev.kmemu.emulator.trap.GuestKernel.CS;
import static dev.kmemu.emulator.trap.GuestKernel.DATA;
import static dev.kmemu.emulator.trap.GuestKernel.HANDLER;
import static dev.kmemu.emulator.trap.GuestKernel.STACK;
import static dev.kmemu.emulator.trap.GuestKernel.UNMAPPED;
import static dev.kmemu.emulator.trap.GuestKernel.USER_CODE;
import static org.assertj.core.api.Assertions.assertThat;

import dev.kmemu.emulator.cpu.CpuExit;
import dev.kmemu.emulator.cpu.MemoryWatch;
import dev.kmemu.emulator.cpu.Register;
import dev.kmemu.emulator.memory.VirtualAddress;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Breakpoints where the CPU can't fetch at the moment they are set: they do nothing to the guest,
 * and are hit once it gets there. The library looks for the code of a breakpoint by fetching it.
 */
class UnreachableBreakpointsTest {

  private static final int OPEN_GATE = 0xEE;
  private static final long LARGE = 0x80;
  private static final long SUPERVISOR = 3 | LARGE;
  private static final long OPEN_TO_BOTH = 7 | LARGE;
  private static final long SMEP = 0x10_0620;
  private static final long KNOWN_CR2 = 0x1234_5000;

  private final GuestKernel guest = new GuestKernel();

  @AfterEach
  void close() {
    guest.close();
  }

  private void breakAt(long address) {
    guest.cpu.addBreakpoint(new VirtualAddress(address));
  }

  private void runTo(long address) {
    assertThat(guest.cpu.run()).isEqualTo(CpuExit.BreakpointHit.INSTANCE);
    assertThat(guest.cpu.state().linearRip()).isEqualTo(address);
  }

  private void runToTheEnd(long rip) {
    guest.set(Register.RIP, rip);
    assertThat(guest.cpu.run()).isEqualTo(CpuExit.Halted.INSTANCE);
  }

  @ParameterizedTest
  @ValueSource(longs = {UNMAPPED, UNMAPPED + 0x123, 0x1234_5678_9000L, -0x1000})
  void aPageFaultStaysAPageFault(long address) {
    guest.gates();
    guest.code(CODE, "90 90 488b06"); // nop; nop; mov rax, [rsi]
    guest.set(Register.RSI, UNMAPPED + 0x5008);
    breakAt(address);
    breakAt(CODE + 1);
    for (int i = 0; i < 3; i++) {
      guest.set(Register.RIP, CODE);
      runTo(CODE + 1);
      assertThat(guest.runToHandler()).isEqualTo(14);
      assertThat(guest.get(Register.CR2)).isEqualTo(UNMAPPED + 0x5008);
    }
  }

  @ParameterizedTest
  @ValueSource(longs = {UNMAPPED, UNMAPPED + 0x123, 0x1234_5678_9000L, USER_CODE + 1})
  void cr2StaysWhatTheGuestKnows(long address) {
    guest.gates();
    guest.set(Register.CR4, SMEP);
    guest.store(0x3000, OPEN_TO_BOTH);
    guest.store(0x3008, DATA | SUPERVISOR);
    guest.code(DATA, "90 90 90 f4");
    guest.set(Register.RIP, DATA);
    guest.set(Register.CR2, KNOWN_CR2);
    breakAt(address);
    for (int i = 1; i <= 2; i++) {
      breakAt(DATA + i);
      runTo(DATA + i);
      assertThat(guest.get(Register.CR2)).isEqualTo(KNOWN_CR2);
    }
    guest.cpu.removeBreakpoint(new VirtualAddress(address));
    assertThat(guest.cpu.run()).isEqualTo(CpuExit.Halted.INSTANCE);
    assertThat(guest.get(Register.CR2)).isEqualTo(KNOWN_CR2);
  }

  @Test
  void cr2IsWhatTheGuestHasWrittenItself() {
    guest.code(CODE, "0f22d6 90 f4"); // mov cr2, rsi; nop; hlt
    guest.set(Register.RSI, KNOWN_CR2);
    guest.set(Register.CR2, 0);
    breakAt(UNMAPPED + 0x123);
    breakAt(CODE + 3);
    runTo(CODE + 3);
    assertThat(guest.get(Register.CR2)).isEqualTo(KNOWN_CR2);
  }

  /**
   * {@code next: int 0x80; dec ecx; jnz next; hlt}, which ends by #GP, and {@code inc rax; iretq}
   * behind the gate.
   */
  private void userWithAKernel() {
    guest.userMode("cd80 ffc9 75fa f4");
    guest.set(Register.RCX, 10);
    guest.gate(0x80, OPEN_GATE, 0, CS, DATA);
    guest.store(0x3008, DATA | SUPERVISOR);
    guest.code(DATA, "48ffc0 48cf");
    guest.set(Register.RAX, 0);
    breakAt(USER_CODE + 2);
    runTo(USER_CODE + 2);
    assertThat(guest.get(Register.RAX)).isEqualTo(1);
    assertThat(guest.cpu.state().cpl()).isEqualTo(3);
    guest.cpu.removeBreakpoint(new VirtualAddress(USER_CODE + 2));
  }

  @Test
  void oneInTheKernelThatIsSetInUserModeIsHit() {
    userWithAKernel();
    breakAt(DATA);
    for (int i = 1; i <= 3; i++) {
      runTo(DATA);
      assertThat(guest.get(Register.RAX)).isEqualTo(i);
    }
  }

  @Test
  void oneInTheKernelThatIsTakenOutInUserModeIsGone() {
    userWithAKernel();
    breakAt(DATA + 3);
    runTo(DATA + 3);
    breakAt(USER_CODE + 2);
    runTo(USER_CODE + 2);
    guest.cpu.removeBreakpoint(new VirtualAddress(DATA + 3));
    runTo(USER_CODE + 2);
    assertThat(guest.get(Register.RAX)).isEqualTo(3);
  }

  @Test
  void aWatchThatIsTakenOutInTheKernelLeavesNoFaultThere() {
    userWithAKernel();
    guest.set(Register.CR4, SMEP);
    guest.cpu.setWatches(List.of(new MemoryWatch(new VirtualAddress(STACK - 8), 8, false, true)));
    breakAt(DATA);
    runTo(DATA);
    guest.cpu.setWatches(List.of());
    guest.set(Register.CR2, KNOWN_CR2);
    breakAt(DATA + 3);
    runTo(DATA + 3);
    assertThat(guest.get(Register.CR2)).isEqualTo(KNOWN_CR2);
  }

  @Test
  void codeOfTheKernelThatIsOverwrittenInUserModeIsTheNewCode() {
    userWithAKernel();
    guest.code(DATA, "48ffc8 48cf"); // dec rax; iretq
    guest.cpu.invalidateCode(new VirtualAddress(DATA), 5);
    breakAt(USER_CODE + 2);
    runTo(USER_CODE + 2);
    assertThat(guest.get(Register.RAX)).isZero();
  }

  @Test
  void oneInAnotherAddressSpaceIsHitThere() {
    long function = DATA + 0x1A_0000;
    long elsewhere = function - DATA;
    long otherSpace = 0x9000;
    guest.store(otherSpace, 0xA000 | 7);
    guest.store(0xA000, 0xB000 | 7);
    guest.store(0xB000, OPEN_TO_BOTH);
    guest.store(0xB008, OPEN_TO_BOTH);
    guest.code(function, "48ffc0 c3"); // inc rax; ret
    guest.code(elsewhere, "48ffc3 c3"); // inc rbx; ret
    // call rsi; mov rcx, cr3; mov cr3, rdi; call rsi; mov cr3, rcx; hlt
    guest.code(CODE, "ffd6 0f20d9 0f22df ffd6 0f22d9 f4");
    guest.set(Register.RSI, function);
    guest.set(Register.RDI, otherSpace);
    runToTheEnd(CODE);
    long home = guest.get(Register.CR3);
    guest.set(Register.RIP, CODE);
    breakAt(function);
    runTo(function);
    assertThat(guest.get(Register.CR3)).isEqualTo(home);
    runTo(function);
    assertThat(guest.get(Register.CR3)).isEqualTo(otherSpace);
    assertThat(guest.cpu.run()).isEqualTo(CpuExit.Halted.INSTANCE);
  }

  @Test
  void oneOnAPageThatIsGoneForAMomentIsHitWhenItIsBack() {
    guest.code(DATA, "f4");
    runToTheEnd(DATA);
    breakAt(DATA);
    guest.store(0x3008, 0);
    guest.cpu.tlb().invalidateAll();
    guest.code(HANDLER, "f4");
    runToTheEnd(HANDLER);
    guest.store(0x3008, DATA | OPEN_TO_BOTH);
    guest.cpu.tlb().invalidateAll();
    guest.set(Register.RIP, CODE);
    guest.code(CODE, "ffe6"); // jmp rsi
    guest.set(Register.RSI, DATA);
    runTo(DATA);
  }
}
