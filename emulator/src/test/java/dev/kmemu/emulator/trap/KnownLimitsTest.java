package dev.kmemu.emulator.trap;

import static dev.kmemu.emulator.trap.GuestKernel.CODE;
import static dev.kmemu.emulator.trap.GuestKernel.DATA;
import static org.assertj.core.api.Assertions.assertThat;

import dev.kmemu.emulator.cpu.CpuExit;
import dev.kmemu.emulator.cpu.Register;
import dev.kmemu.emulator.cpu.SegmentRegister;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

/** The exceptions that the engine doesn't raise, as docs/cpu-limits.md lists them. */
@DisplayName("What the engine doesn't check (docs/cpu-limits.md)")
class KnownLimitsTest {

  private final GuestKernel guest = new GuestKernel();

  @AfterEach
  void close() {
    guest.close();
  }

  private void runsThrough(String code) {
    guest.gates();
    guest.code(CODE, code + "f4");
    guest.set(Register.RSI, DATA + 1);
    assertThat(guest.cpu.run()).isEqualTo(CpuExit.Halted.INSTANCE);
    assertThat(guest.get(Register.RIP)).isEqualTo(CODE + code.length() / 2 + 1);
  }

  @Test
  void anUnalignedMovapsDoesNotFault() {
    runsThrough("0f2806"); // movaps xmm0, [rsi]
  }

  @Test
  void alignmentIsNotCheckedInRing3() {
    guest.userMode("488b06 0f0b"); // mov rax, [rsi]; ud2
    guest.set(Register.RSI, DATA + 1);
    guest.set(Register.RFLAGS, 0x4_0002); // AC; CR0.AM is set
    assertThat(guest.runToHandler()).isEqualTo(6);
  }

  @Test
  void anUnmaskedSseExceptionIsNotRaised() {
    guest.set(Register.MXCSR, 0);
    byte[] ones = new byte[16];
    for (int i = 0; i < 16; i += 4) {
      ones[i + 2] = (byte) 0x80;
      ones[i + 3] = 0x3F;
    }
    guest.cpu.registers().write(Register.XMM0, ones, 0);
    guest.cpu.registers().write(Register.XMM1, new byte[16], 0);
    runsThrough("0f5ec1"); // divps xmm0, xmm1
  }

  @Test
  void segmentLimitsAreNotChecked() {
    try (ProtectedKernel narrow = new ProtectedKernel()) {
      int attributes = narrow.cpu.state().attributes(SegmentRegister.SS);
      narrow.cpu.state().load(SegmentRegister.SS, 0x38, 0, 0xFFF, attributes);
      narrow.set(Register.RSP, 0x2000);
      narrow.code(ProtectedKernel.CODE, "50f4"); // push eax; hlt
      assertThat(narrow.cpu.run()).isEqualTo(CpuExit.Halted.INSTANCE);
    }
  }
}
