package dev.kmemu.emulator.trap;

import static dev.kmemu.emulator.trap.GuestKernel.CODE;
import static dev.kmemu.emulator.trap.GuestKernel.CS;
import static dev.kmemu.emulator.trap.GuestKernel.STACK;
import static dev.kmemu.emulator.trap.GuestKernel.USER_CODE;
import static dev.kmemu.emulator.trap.GuestKernel.USER_STACK;
import static org.assertj.core.api.Assertions.assertThat;

import dev.kmemu.emulator.cpu.CpuExit;
import dev.kmemu.emulator.cpu.CpuState;
import dev.kmemu.emulator.cpu.Register;
import dev.kmemu.emulator.cpu.SegmentAttributes;
import dev.kmemu.emulator.cpu.SegmentRegister;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

@DisplayName("SYSCALL, SYSRET, SYSENTER, SYSEXIT (SDM vol. 2B; vol. 3A, 5.8.7 and 5.8.8)")
class SystemCallTest {

  private static final long IF = 0x200;
  private static final long FLAGS = IF | 2 | 0x41; // IF, CF, ZF
  private static final int STAR = 0xC000_0081;
  private static final int LSTAR = 0xC000_0082;
  private static final int SFMASK = 0xC000_0084;
  private static final int SYSENTER_CS = 0x174;
  private static final int SYSENTER_ESP = 0x175;
  private static final int SYSENTER_EIP = 0x176;
  private static final int CODE_32 = SegmentAttributes.CODE_32;

  private final GuestKernel guest = new GuestKernel();
  private CpuState state;

  @BeforeEach
  void setUp() {
    guest.useProcessor();
    state = guest.cpu.state();
    state.setMsr(STAR, 0x0008L << 48 | (long) CS << 32);
    state.setMsr(LSTAR, CODE);
    state.setMsr(SFMASK, IF);
    state.setMsr(SYSENTER_CS, CS);
    state.setMsr(SYSENTER_EIP, CODE);
    state.setMsr(SYSENTER_ESP, STACK);
  }

  @AfterEach
  void close() {
    guest.close();
  }

  private long onStack(int index) {
    return guest.load(guest.get(Register.RSP) + 8L * index);
  }

  private void halts() {
    assertThat(guest.cpu.run()).isEqualTo(CpuExit.Halted.INSTANCE);
    assertThat(guest.get(Register.RIP)).isEqualTo(CODE + 1);
  }

  @Test
  void syscallSavesRipAndRflagsAndMasksThem() {
    guest.userMode("90 0f05"); // nop; syscall
    guest.code(CODE, "f4");
    guest.set(Register.RFLAGS, FLAGS);
    halts();
    assertThat(guest.get(Register.RCX)).isEqualTo(USER_CODE + 3);
    assertThat(guest.get(Register.R11)).isEqualTo(FLAGS);
    assertThat(guest.get(Register.RFLAGS)).isEqualTo(FLAGS & ~IF);
    assertThat(guest.get(Register.RSP)).as("the stack stays").isEqualTo(USER_STACK);
    assertThat(guest.get(Register.CS)).isEqualTo(CS);
    assertThat(guest.get(Register.SS)).isEqualTo(CS + 8);
    assertThat(state.cpl()).isZero();
  }

  @Test
  void sysretGoesBackTo64BitCode() {
    guest.userMode("0f05 0f05 0f0b"); // syscall; syscall; ud2
    guest.code(CODE, "48ffc3 480f07"); // inc rbx; sysretq
    guest.set(Register.RBX, 0);
    guest.set(Register.RFLAGS, FLAGS);
    assertThat(guest.runToHandler()).isEqualTo(6);
    assertThat(guest.get(Register.RBX)).isEqualTo(2);
    assertThat(onStack(0)).isEqualTo(USER_CODE + 4);
    assertThat(onStack(1)).as("CS: STAR + 16, RPL 3").isEqualTo(0x1B);
    assertThat(onStack(3)).isEqualTo(USER_STACK);
  }

  @Test
  void sysretForcesRpl3OnTheStackSegment() {
    guest.userMode("0f05 0f0b");
    guest.code(CODE, "480f07");
    guest.runToHandler();
    assertThat(onStack(4) & 3).isEqualTo(3);
  }

  @Test
  void sysretOf32BitsGoesToCompatibilityMode() {
    guest.userMode("0f05 b8ffffffff 40 0f0b"); // syscall; mov eax, -1; inc eax (32-bit); ud2
    guest.code(CODE, "0f07"); // sysretl
    assertThat(guest.runToHandler()).isEqualTo(6);
    assertThat(onStack(0)).isEqualTo(USER_CODE + 8);
    assertThat(onStack(1)).as("CS: STAR, RPL 3").isEqualTo(0x0B);
    assertThat(guest.get(Register.RAX)).as("40 is INC, no prefix").isZero();
  }

  @Test
  void withoutSceBothAreUndefined() {
    guest.userMode("90 0f05");
    guest.set(Register.EFER, 0xD00);
    assertThat(guest.runToHandler()).isEqualTo(6);
    assertThat(onStack(0)).isEqualTo(USER_CODE + 1);
    guest.set(Register.RIP, CODE);
    guest.code(CODE, "480f07");
    assertThat(guest.runToHandler()).isEqualTo(6);
  }

  @Test
  void sysretInRing3IsAGeneralProtectionFault() {
    guest.userMode("480f07");
    assertThat(guest.runToHandler()).isEqualTo(13);
  }

  @Test
  void syscallInCompatibilityModeIsUndefined() {
    guest.userMode("0f05");
    guest.enterRing(3, CODE_32, GuestKernel.USER_CS, GuestKernel.USER_SS);
    assertThat(guest.runToHandler()).isEqualTo(6);
  }

  @Test
  void sysenterTakesThreeMsrs() {
    guest.userMode("0f34");
    guest.code(CODE, "f4");
    guest.set(Register.RFLAGS, FLAGS);
    halts();
    assertThat(guest.get(Register.RSP)).isEqualTo(STACK);
    assertThat(guest.get(Register.CS)).isEqualTo(CS);
    assertThat(guest.get(Register.SS)).isEqualTo(CS + 8);
    assertThat(guest.get(Register.RFLAGS)).isEqualTo(FLAGS & ~IF);
    assertThat(state.cpl()).isZero();
  }

  @ParameterizedTest(name = "behind {0}")
  @CsvSource({"50", "4889c3", "48b8887766554433 2211", "f30f1efa"})
  void sysenterEntersTheSameBehindAnyInstruction(String before) {
    guest.userMode(before + "0f34");
    guest.code(CODE, "f4");
    halts();
  }

  @Test
  void aRefusedSysenterInTheMiddleOfABlockIsFoundThere() {
    guest.userMode("50 4883c301 0f34"); // push rax; add rbx, 1; sysenter
    state.setMsr(SYSENTER_CS, 0);
    assertThat(guest.runToHandler()).isEqualTo(13);
    assertThat(onStack(1)).isEqualTo(USER_CODE + 5);
  }

  @Test
  void sysenterFromCompatibilityModeEnters64BitCode() {
    guest.userMode("0f34");
    guest.code(CODE, "48ffc0 f4"); // inc rax; hlt
    guest.enterRing(3, CODE_32, GuestKernel.USER_CS, GuestKernel.USER_SS);
    guest.set(Register.RAX, -1L);
    assertThat(guest.cpu.run()).isEqualTo(CpuExit.Halted.INSTANCE);
    assertThat(guest.get(Register.RIP)).isEqualTo(CODE + 4);
    assertThat(guest.get(Register.RAX)).isZero();
  }

  @Test
  void sysenterWithoutASegmentIsAGeneralProtectionFault() {
    guest.userMode("0f34");
    state.setMsr(SYSENTER_CS, 3);
    assertThat(guest.runToHandler()).isEqualTo(13);
    assertThat(onStack(0)).isZero();
    assertThat(onStack(1)).isEqualTo(USER_CODE);
  }

  @ParameterizedTest(name = "{0}")
  @CsvSource({"480f35, 0x2B, 0x33", "0f35, 0x1B, 0x23"})
  void sysexitGoesTo64BitOrTo32BitCode(String code, int codeSelector, int stackSelector) {
    guest.userMode("0f0b");
    guest.enterRing(0, SegmentAttributes.CODE_64, CS, GuestKernel.SS);
    guest.code(CODE, code);
    guest.set(Register.RIP, CODE);
    guest.set(Register.RDX, USER_CODE);
    guest.set(Register.RCX, USER_STACK - 64);
    assertThat(guest.runToHandler()).isEqualTo(6);
    assertThat(onStack(0)).isEqualTo(USER_CODE);
    assertThat(onStack(1)).isEqualTo(codeSelector);
    assertThat(onStack(3)).isEqualTo(USER_STACK - 64);
    assertThat(onStack(4)).isEqualTo(stackSelector);
  }

  @Test
  void swapgsExchangesTheBases() {
    guest.code(CODE, "0f01f8 f4");
    state.setMsr(0xC000_0101, 0x1111_0000);
    state.setMsr(0xC000_0102, 0x2222_0000);
    assertThat(guest.cpu.run()).isEqualTo(CpuExit.Halted.INSTANCE);
    assertThat(state.base(SegmentRegister.GS)).isEqualTo(0x2222_0000);
    assertThat(state.msr(0xC000_0102)).isEqualTo(0x1111_0000);
    guest.userMode("0f01f8");
    assertThat(guest.runToHandler()).as("in ring 3").isEqualTo(13);
  }

  @Test
  void withoutAProcessorTheyAreUndefined() {
    try (GuestKernel plain = new GuestKernel()) {
      plain.userMode("0f05");
      assertThat(plain.runToHandler()).isEqualTo(6);
    }
  }

  @Test
  void iretqGoesBackToRing3() {
    guest.userMode("cd80 cd80 0f0b");
    guest.gate(0x80, 0xEE, 0, CS, GuestKernel.handler(0x80));
    guest.code(GuestKernel.handler(0x80), "48ffc3 48cf"); // inc rbx; iretq
    guest.set(Register.RBX, 0);
    assertThat(guest.runToHandler()).isEqualTo(6);
    assertThat(guest.get(Register.RBX)).isEqualTo(2);
    assertThat(onStack(1)).isEqualTo(GuestKernel.USER_CS);
  }
}
