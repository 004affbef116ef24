package dev.kmemu.emulator.trap;

import static dev.kmemu.emulator.trap.ProtectedKernel.CODE;
import static dev.kmemu.emulator.trap.ProtectedKernel.CS;
import static dev.kmemu.emulator.trap.ProtectedKernel.FOR_USER;
import static dev.kmemu.emulator.trap.ProtectedKernel.INNER_STACK;
import static dev.kmemu.emulator.trap.ProtectedKernel.INTERRUPT_GATE;
import static dev.kmemu.emulator.trap.ProtectedKernel.handler;
import static org.assertj.core.api.Assertions.assertThat;

import dev.kmemu.emulator.cpu.CpuState;
import dev.kmemu.emulator.cpu.Register;
import dev.kmemu.emulator.cpu.SegmentRegister;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

@DisplayName("Virtual-8086 mode (SDM vol. 3B, 20.2 and 20.3)")
class Virtual8086Test {

  private static final int VM = 0x2_0000;
  private static final int IOPL_3 = 0x3000;
  private static final long TASK = 0x5_0000;
  private static final int SEGMENT = 0x5000;
  private static final int USER_GATE = INTERRUPT_GATE | FOR_USER;

  private final ProtectedKernel guest = new ProtectedKernel();

  @AfterEach
  void close() {
    guest.close();
  }

  /** Enters the mode by an IRET whose frame is what an interrupt from there would have pushed. */
  private void enter(int flags, String task) {
    guest.code(CODE, "cf"); // iret
    guest.code(TASK, task);
    int[] frame = {
      0, SEGMENT, flags | VM | 2, 0x8000, 0x5800, 0x111, 0x222, 0x333, 0x444,
    };
    for (int i = 0; i < frame.length; i++) {
      guest.store32(ProtectedKernel.STACK + 4L * i, frame[i]);
    }
  }

  private void assertFrame(int rip) {
    assertThat(guest.onStack(0)).isEqualTo(rip);
    assertThat(guest.onStack(1)).isEqualTo(SEGMENT);
    assertThat(guest.onStack(2) & VM).isEqualTo(VM);
    assertThat(guest.onStack(3)).as("ESP").isEqualTo(0x8000);
    assertThat(guest.onStack(4)).as("SS").isEqualTo(0x5800);
    assertThat(guest.onStack(5)).as("ES").isEqualTo(0x111);
    assertThat(guest.onStack(6)).as("DS").isEqualTo(0x222);
    assertThat(guest.onStack(7)).as("FS").isEqualTo(0x333);
    assertThat(guest.onStack(8)).as("GS").isEqualTo(0x444);
  }

  @BeforeEach
  void openGates() {
    guest.gate(0x21, USER_GATE, CS);
  }

  @Test
  void anInterruptLeavesItAndClearsTheDataSegments() {
    enter(IOPL_3, "90 cd21"); // nop; int 0x21
    assertThat(guest.runToHandler()).isEqualTo(0x21);
    CpuState state = guest.cpu.state();
    assertThat(guest.get(Register.RFLAGS) & VM).isZero();
    assertThat(state.cpl()).isZero();
    assertThat(guest.get(Register.RSP)).isEqualTo(INNER_STACK - 36);
    assertFrame(3);
    for (SegmentRegister segment :
        new SegmentRegister[] {
          SegmentRegister.DS, SegmentRegister.ES, SegmentRegister.FS, SegmentRegister.GS
        }) {
      assertThat(state.selector(segment)).as(segment.name()).isZero();
    }
  }

  @Test
  void withoutIopl3AnInterruptIsAGeneralProtectionFault() {
    enter(0, "90 cd21");
    assertThat(guest.runToHandler()).isEqualTo(13);
    assertThat(guest.onStack(0)).as("error code").isZero();
    assertThat(guest.onStack(1)).as("EIP").isEqualTo(1);
  }

  @Test
  void aFaultSavesItsOwnAddress() {
    enter(0, "90 0f0b"); // nop; ud2
    assertThat(guest.runToHandler()).isEqualTo(6);
    assertFrame(1);
  }

  @Test
  void theMonitorGoesBackWithIret() {
    guest.code(handler(0x21), "43 cf"); // inc ebx; iret
    guest.set(Register.RBX, 0);
    enter(IOPL_3, "cd21 8cd8 0f0b"); // int 0x21; mov ax, ds; ud2
    assertThat(guest.runToHandler()).isEqualTo(6);
    assertThat(guest.get(Register.RBX)).isEqualTo(1);
    assertThat(guest.get(Register.RAX) & 0xFFFF).as("DS came back").isEqualTo(0x222);
  }

  @Test
  void aHandlerThatIsNotInRing0IsRefused() {
    guest.gate(6, INTERRUPT_GATE, ProtectedKernel.CONFORMING);
    enter(0, "0f0b");
    assertThat(guest.runToHandler()).isEqualTo(13);
    assertThat(guest.onStack(0)).isEqualTo(ProtectedKernel.CONFORMING | 1);
  }

  @Test
  void aClosedGateIsAFaultOfTheInstruction() {
    enter(IOPL_3, "90 cd22");
    assertThat(guest.runToHandler()).isEqualTo(13);
    assertThat(guest.onStack(0)).isEqualTo(0x22 * 8 + 2);
    assertThat(guest.onStack(1)).isEqualTo(1);
  }
}
