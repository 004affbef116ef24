package dev.kmemu.emulator.trap;

import static dev.kmemu.emulator.trap.ProtectedKernel.GDT;
import static dev.kmemu.emulator.trap.ProtectedKernel.INNER_STACK;
import static dev.kmemu.emulator.trap.ProtectedKernel.USER_CODE;
import static dev.kmemu.emulator.trap.ProtectedKernel.USER_CS;
import static dev.kmemu.emulator.trap.ProtectedKernel.USER_SS;
import static dev.kmemu.emulator.trap.ProtectedKernel.USER_STACK;
import static org.assertj.core.api.Assertions.assertThat;

import dev.kmemu.emulator.cpu.CpuExit;
import dev.kmemu.emulator.cpu.Register;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

/** The engine does call gates itself. */
@DisplayName("Call gates (SDM vol. 3A, 5.8.3 to 5.8.5)")
class CallGateTest {

  private static final int HANDLER = 0x2_0000;
  private static final long GATE = 0x40;

  @Test
  void aCallFromRing3CopiesParametersToTheInnerStack() {
    try (ProtectedKernel guest = new ProtectedKernel()) {
      // DPL 3, 32-bit call gate to CS:HANDLER, 2 parameters
      guest.store(GDT + GATE, 0x0002_EC02_0008_0000L);
      guest.code(HANDLER, "f4");
      guest.userMode("6a11 6a22 9a000000004300"); // push 0x11; push 0x22; lcall 0x43:0
      assertThat(guest.cpu.run()).isEqualTo(CpuExit.Halted.INSTANCE);
      assertThat(guest.get(Register.RIP)).isEqualTo(HANDLER + 1);
      assertThat(guest.cpu.state().cpl()).isZero();
      assertThat(guest.get(Register.RSP)).isEqualTo(INNER_STACK - 24);
      assertThat(guest.onStack(0)).isEqualTo(USER_CODE + 11);
      assertThat(guest.onStack(1)).isEqualTo(USER_CS);
      assertThat(guest.onStack(2)).isEqualTo(0x22);
      assertThat(guest.onStack(3)).isEqualTo(0x11);
      assertThat(guest.onStack(4)).isEqualTo(USER_STACK - 8);
      assertThat(guest.onStack(5)).isEqualTo(USER_SS);
    }
  }

  @Test
  void aFarReturnGoesBackToRing3() {
    try (ProtectedKernel guest = new ProtectedKernel()) {
      guest.store(GDT + GATE, 0x0002_EC02_0008_0000L);
      guest.code(HANDLER, "ca0800"); // lret 8
      guest.userMode("6a11 6a22 9a000000004300 0f0b");
      assertThat(guest.runToHandler()).isEqualTo(6);
      assertThat(guest.onStack(0)).isEqualTo(USER_CODE + 11);
      assertThat(guest.onStack(3)).as("ESP without the parameters").isEqualTo(USER_STACK);
    }
  }

  @Test
  void aClosedGateIsAGeneralProtectionFault() {
    try (ProtectedKernel guest = new ProtectedKernel()) {
      guest.store(GDT + GATE, 0x0002_8C00_0008_0000L);
      guest.userMode("9a000000004300");
      assertThat(guest.runToHandler()).isEqualTo(13);
      assertThat(guest.onStack(0)).isEqualTo(GATE);
      assertThat(guest.onStack(1)).isEqualTo(USER_CODE);
    }
  }
}
