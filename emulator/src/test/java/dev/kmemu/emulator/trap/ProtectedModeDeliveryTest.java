package dev.kmemu.emulator.trap;

import static dev.kmemu.emulator.trap.ProtectedKernel.CODE;
import static dev.kmemu.emulator.trap.ProtectedKernel.CONFORMING;
import static dev.kmemu.emulator.trap.ProtectedKernel.CS;
import static dev.kmemu.emulator.trap.ProtectedKernel.FOR_USER;
import static dev.kmemu.emulator.trap.ProtectedKernel.INNER_STACK;
import static dev.kmemu.emulator.trap.ProtectedKernel.INTERRUPT_GATE;
import static dev.kmemu.emulator.trap.ProtectedKernel.INTERRUPT_GATE_16;
import static dev.kmemu.emulator.trap.ProtectedKernel.SS;
import static dev.kmemu.emulator.trap.ProtectedKernel.STACK;
import static dev.kmemu.emulator.trap.ProtectedKernel.TRAP_GATE;
import static dev.kmemu.emulator.trap.ProtectedKernel.TSS;
import static dev.kmemu.emulator.trap.ProtectedKernel.USER_CODE;
import static dev.kmemu.emulator.trap.ProtectedKernel.USER_CS;
import static dev.kmemu.emulator.trap.ProtectedKernel.USER_SS;
import static dev.kmemu.emulator.trap.ProtectedKernel.USER_STACK;
import static org.assertj.core.api.Assertions.assertThat;

import dev.kmemu.emulator.cpu.CpuExit;
import dev.kmemu.emulator.cpu.Register;
import dev.kmemu.emulator.cpu.SegmentRegister;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

@DisplayName("Gates of 32-bit protected mode (SDM vol. 3A, 6.11 to 6.13)")
class ProtectedModeDeliveryTest {

  private static final int IF = 0x200;
  private static final int NT = 0x4000;
  private static final int RF = 0x1_0000;
  private static final int FLAGS = IF | 2;

  private final ProtectedKernel guest = new ProtectedKernel();

  @AfterEach
  void close() {
    guest.close();
  }

  private void run(String hex) {
    guest.code(CODE, hex);
    guest.set(Register.RFLAGS, FLAGS);
  }

  @Test
  void aFaultPushesThreeDoublewordsOnTheSameStack() {
    run("0f0b"); // ud2
    assertThat(guest.runToHandler()).isEqualTo(6);
    assertThat(guest.get(Register.RSP)).isEqualTo(STACK - 12);
    assertThat(guest.onStack(0)).isEqualTo(CODE);
    assertThat(guest.onStack(1)).isEqualTo(CS);
    assertThat(guest.onStack(2)).isEqualTo(FLAGS | RF);
    assertThat(guest.get(Register.RFLAGS) & (IF | RF)).isZero();
  }

  @Test
  void aTrapGateLeavesInterruptsEnabledAndClearsNt() {
    guest.gate(6, TRAP_GATE, CS);
    guest.code(CODE, "0f0b");
    guest.set(Register.RFLAGS, FLAGS | NT);
    assertThat(guest.runToHandler()).isEqualTo(6);
    assertThat(guest.onStack(2)).isEqualTo(FLAGS | NT | RF);
    assertThat(guest.get(Register.RFLAGS) & (IF | NT)).isEqualTo(IF);
  }

  @Test
  void anErrorCodeNamesTheSelector() {
    run("b828000000 8ed8"); // mov eax, ABSENT; mov ds, ax
    assertThat(guest.runToHandler()).as("#NP").isEqualTo(11);
    assertThat(guest.onStack(0)).isEqualTo(0x28);
    assertThat(guest.onStack(1)).isEqualTo(CODE + 5);
  }

  @Test
  void aSixteenBitGatePushesWordsAndCutsTheOffset() {
    guest.gate(6, INTERRUPT_GATE_16, CS, 0x7_0000 | 0x0400);
    guest.code(0x400, "f4");
    guest.code(CODE + 4, "0f0b");
    guest.set(Register.RIP, CODE + 4);
    guest.set(Register.RFLAGS, FLAGS);
    assertThat(guest.cpu.run()).isEqualTo(CpuExit.Halted.INSTANCE);
    assertThat(guest.get(Register.RIP)).isEqualTo(0x401);
    assertThat(guest.get(Register.RSP)).isEqualTo(STACK - 6);
    assertThat(guest.load16(STACK - 6)).as("the low half of EIP").isEqualTo(4);
    assertThat(guest.load16(STACK - 4)).isEqualTo(CS);
    assertThat(guest.load16(STACK - 2)).isEqualTo(FLAGS);
  }

  @Test
  void anInterruptFromRing3TakesTheStackOfTheTss() {
    guest.gate(0x80, INTERRUPT_GATE | FOR_USER, CS);
    guest.userMode("cd80"); // int 0x80
    guest.set(Register.RFLAGS, FLAGS);
    assertThat(guest.runToHandler()).isEqualTo(0x80);
    assertThat(guest.get(Register.RSP)).isEqualTo(INNER_STACK - 20);
    assertThat(guest.cpu.state().selector(SegmentRegister.SS)).isEqualTo(SS);
    assertThat(guest.cpu.state().cpl()).isZero();
    assertThat(guest.onStack(0)).isEqualTo(USER_CODE + 2);
    assertThat(guest.onStack(1)).isEqualTo(USER_CS);
    assertThat(guest.onStack(2)).isEqualTo(FLAGS);
    assertThat(guest.onStack(3)).isEqualTo(USER_STACK);
    assertThat(guest.onStack(4)).isEqualTo(USER_SS);
  }

  @Test
  void aSixteenBitTssHoldsWords() {
    guest.useTss(false);
    guest.store16(TSS + 2, 0x9000);
    guest.store16(TSS + 4, SS);
    guest.userMode("0f0b");
    assertThat(guest.runToHandler()).isEqualTo(6);
    assertThat(guest.get(Register.RSP)).isEqualTo(0x9000 - 20);
  }

  @Test
  void aSixteenBitStackSegmentUsesSpOnly() {
    guest.store16(TSS + 8, ProtectedKernel.STACK_16);
    guest.store32(TSS + 4, 0x5_0100);
    guest.userMode("0f0b");
    assertThat(guest.runToHandler()).isEqualTo(6);
    assertThat(guest.get(Register.RSP)).as("the upper half stays").isEqualTo(0x5_00EC);
    assertThat(guest.load32(0xFC)).as("SS").isEqualTo(USER_SS);
    assertThat(guest.load32(0xEC)).as("EIP").isEqualTo(USER_CODE);
  }

  @Test
  void aClosedGateIsAFaultOfTheInstruction() {
    guest.userMode("90 cd80"); // nop; int 0x80
    assertThat(guest.runToHandler()).isEqualTo(13);
    assertThat(guest.onStack(0)).as("no EXT").isEqualTo(0x80 * 8 + 2);
    assertThat(guest.onStack(1)).isEqualTo(USER_CODE + 1);
    assertThat(guest.onStack(3) & RF).isEqualTo(RF);
  }

  @Test
  void anExceptionPassesAClosedGate() {
    guest.userMode("0f0b");
    assertThat(guest.runToHandler()).isEqualTo(6);
  }

  @Test
  void intoRaisesOverflowWhenOfIsSetOnly() {
    guest.gate(4, INTERRUPT_GATE | FOR_USER, CS);
    // into; mov eax, 0x7fffffff; inc eax; into
    guest.userMode("ce b8ffffff7f 40 ce");
    guest.set(Register.RFLAGS, FLAGS);
    assertThat(guest.runToHandler()).isEqualTo(4);
    assertThat(guest.onStack(0)).isEqualTo(USER_CODE + 8);
  }

  @Test
  void aConformingHandlerKeepsTheRingAndItsStack() {
    guest.userMode("f4"); // hlt: #GP at CPL 3
    guest.gate(13, INTERRUPT_GATE, CONFORMING);
    guest.gate(6, INTERRUPT_GATE, CS);
    guest.code(ProtectedKernel.handler(13), "0f0b"); // ud2, still in ring 3
    assertThat(guest.runToHandler()).isEqualTo(6);
    assertThat(guest.onStack(1)).as("CS of the conforming handler").isEqualTo(CONFORMING | 3);
    assertThat(guest.onStack(3)).as("ESP with #GP's 4 doublewords").isEqualTo(USER_STACK - 16);
  }

  @ParameterizedTest
  @ValueSource(ints = {0, 0x60, USER_CS, 0x13, 0x23})
  void anUnfitStackSegmentInTheTssIsAnInvalidTss(int selector) {
    guest.gate(10, INTERRUPT_GATE, CONFORMING); // needs no stack of the TSS
    guest.store16(TSS + 8, selector);
    guest.userMode("0f0b");
    guest.runBefore(10);
    assertThat(guest.onStack(0)).isEqualTo((selector & ~3) | 1);
  }

  @Test
  void anAbsentStackSegmentIsAStackFault() {
    guest.gate(12, INTERRUPT_GATE, CONFORMING); // needs no stack of the TSS
    guest.store16(TSS + 8, ProtectedKernel.ABSENT);
    guest.userMode("0f0b");
    guest.runBefore(12);
    assertThat(guest.onStack(0)).isEqualTo(ProtectedKernel.ABSENT | 1);
  }

  @Test
  void aTssThatIsTooShortIsAnInvalidTss() {
    guest.gate(10, INTERRUPT_GATE, CONFORMING); // needs no stack of the TSS
    guest.userMode("0f0b");
    guest.set(Register.TR_LIMIT, 8);
    guest.runBefore(10);
    assertThat(guest.onStack(0)).as("the task's selector").isEqualTo(0x41);
  }

  @Test
  void anOffsetBeyondTheCodeSegmentIsAGeneralProtectionFault() {
    guest.store(ProtectedKernel.GDT + 0x28, 0x0040_9A00_0000_0FFFL);
    guest.gate(6, INTERRUPT_GATE, 0x28);
    run("0f0b");
    assertThat(guest.runToHandler()).isEqualTo(13);
    assertThat(guest.onStack(0)).as("EXT").isEqualTo(1);
  }

  @Test
  void theAccessedBitOfTheHandlersSegmentIsSet() {
    run("0f0b");
    guest.runToHandler();
    assertThat(guest.load(ProtectedKernel.GDT + CS)).isEqualTo(0x00CF_9B00_0000_FFFFL);
  }

  @Test
  void iretGoesBackToRing3() {
    guest.gate(0x80, INTERRUPT_GATE | FOR_USER, CS);
    guest.code(ProtectedKernel.handler(0x80), "43 cf"); // inc ebx; iret
    guest.userMode("cd80 cd80 0f0b");
    guest.set(Register.RBX, 0);
    guest.set(Register.RFLAGS, FLAGS);
    assertThat(guest.runToHandler()).isEqualTo(6);
    assertThat(guest.get(Register.RBX)).isEqualTo(2);
    assertThat(guest.onStack(1)).isEqualTo(USER_CS);
    assertThat(guest.onStack(3)).isEqualTo(USER_STACK);
  }
}
