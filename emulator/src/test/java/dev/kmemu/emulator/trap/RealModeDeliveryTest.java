package dev.kmemu.emulator.trap;

import static dev.kmemu.emulator.trap.RealKernel.OFFSET;
import static dev.kmemu.emulator.trap.RealKernel.SEGMENT;
import static dev.kmemu.emulator.trap.RealKernel.SP;
import static org.assertj.core.api.Assertions.assertThat;

import dev.kmemu.emulator.cpu.CpuExit;
import dev.kmemu.emulator.cpu.Register;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

@DisplayName("Interrupt vectors of real mode (SDM vol. 3B, 20.1.4 and 20.3)")
class RealModeDeliveryTest {

  private static final int FLAGS = 0x202;
  private static final int IF = 0x200;
  private static final int TF = 0x100;

  @Test
  void aSoftwareInterruptPushesThreeWords() {
    try (RealKernel guest = new RealKernel("cd21")) { // int 0x21
      guest.set(Register.RFLAGS, FLAGS);
      assertThat(guest.runToHandler()).isEqualTo(0x21);
      assertThat(guest.get(Register.RSP)).isEqualTo(SP - 6);
      assertThat(guest.onStack(0)).isEqualTo(OFFSET + 2);
      assertThat(guest.onStack(1)).isEqualTo(SEGMENT);
      assertThat(guest.onStack(2)).isEqualTo(FLAGS);
      assertThat(guest.get(Register.RFLAGS) & IF).isZero();
      assertThat(guest.get(Register.CS)).isEqualTo(RealKernel.HANDLER_SEGMENT);
    }
  }

  @Test
  void aFaultPushesItsOwnAddressAndNoErrorCode() {
    try (RealKernel guest = new RealKernel("31d2 f6f2")) { // xor dx, dx; div dl
      assertThat(guest.runToHandler()).isZero();
      assertThat(guest.onStack(0)).isEqualTo(OFFSET + 2);
      assertThat(guest.get(Register.RSP)).isEqualTo(SP - 6);
    }
  }

  @Test
  void iretGoesBack() {
    try (RealKernel guest = new RealKernel("fb cd21 f4")) { // sti; int 0x21; hlt
      guest.code(RealKernel.handler(0x21), "43 cf"); // inc bx; iret
      guest.set(Register.RBX, 0);
      assertThat(guest.cpu.run()).isEqualTo(CpuExit.Halted.INSTANCE);
      assertThat(guest.get(Register.RIP)).isEqualTo(OFFSET + 4);
      assertThat(guest.get(Register.RBX)).isEqualTo(1);
      assertThat(guest.get(Register.RSP)).isEqualTo(SP);
      assertThat(guest.get(Register.RFLAGS) & IF).isEqualTo(IF);
    }
  }

  @Test
  void theStackPointerWrapsAtTheEndOfItsSegment() {
    try (RealKernel guest = new RealKernel("cd21")) {
      guest.set(Register.RSP, 2);
      assertThat(guest.runToHandler()).isEqualTo(0x21);
      assertThat(guest.get(Register.RSP)).isEqualTo(0xFFFC);
      assertThat(guest.onStack(0)).isEqualTo(OFFSET + 2);
    }
  }

  @Test
  void theTrapFlagTracesAndTheHandlerRunsFreely() {
    try (RealKernel guest = new RealKernel("90 90")) {
      guest.set(Register.RFLAGS, FLAGS | TF);
      assertThat(guest.runToHandler()).isEqualTo(1);
      assertThat(guest.onStack(0)).isEqualTo(OFFSET + 1);
      assertThat(guest.onStack(2)).isEqualTo(FLAGS | TF);
      assertThat(guest.get(Register.RFLAGS) & TF).isZero();
    }
  }

  @Test
  void aVectorBeyondTheLimitIsAnIntThirteenOfTheInstruction() {
    try (RealKernel guest = new RealKernel("90 cd21")) { // nop; int 0x21
      guest.set(Register.IDTR_LIMIT, 0x21 * 4 + 2);
      assertThat(guest.runToHandler()).isEqualTo(13);
      assertThat(guest.onStack(0)).isEqualTo(OFFSET + 1);
    }
  }

  @Test
  void withoutVectorsTheCpuShutsDown() {
    try (RealKernel guest = new RealKernel("0f0b")) { // ud2
      guest.set(Register.IDTR_LIMIT, 0);
      CrashReport crash = guest.runToShutdown();
      assertThat(crash.attempts()).hasSize(3);
      assertThat(crash.attempts().get(2)).startsWith("#DF");
    }
  }

  @Test
  void intThreeAndIntoAreOneByte() {
    try (RealKernel guest = new RealKernel("b8ff7f 40 ce")) { // mov ax, 0x7fff; inc ax; into
      assertThat(guest.runToHandler()).isEqualTo(4);
      assertThat(guest.onStack(0)).isEqualTo(OFFSET + 5);
    }
    try (RealKernel guest = new RealKernel("cc")) {
      assertThat(guest.runToHandler()).isEqualTo(3);
      assertThat(guest.onStack(0)).isEqualTo(OFFSET + 1);
    }
  }
}
