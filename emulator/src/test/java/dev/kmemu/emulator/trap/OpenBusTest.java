package dev.kmemu.emulator.trap;

import static org.assertj.core.api.Assertions.assertThat;

import dev.kmemu.emulator.cpu.CpuExit;
import dev.kmemu.emulator.cpu.Register;
import java.util.Objects;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Instruction fetches from where nobody answers. */
@Timeout(60)
class OpenBusTest {

  private static final long BEHIND_RAM = 0x80_0000;

  @Test
  void codeOutsideRamIsNoInstruction() {
    try (GuestKernel guest = new GuestKernel()) {
      guest.store(0x3010, BEHIND_RAM | 0x87);
      guest.code(GuestKernel.CODE, "ffe0"); // jmp rax
      guest.set(Register.RAX, GuestKernel.UNMAPPED);
      assertThat(guest.cpu.run()).isEqualTo(CpuExit.HandlerEnded.INSTANCE);
      CrashReport crash = Objects.requireNonNull(guest.router.takeCrash());
      assertThat(crash.vector()).isEqualTo(6);
      assertThat(crash.rip().value()).isEqualTo(GuestKernel.UNMAPPED);
    }
  }

  @Test
  void itsHandlerRunsAndTheGuestGoesOn() {
    try (GuestKernel guest = new GuestKernel()) {
      guest.store(0x3010, BEHIND_RAM | 0x87);
      guest.gate(6, GuestKernel.INTERRUPT_GATE, 0);
      guest.code(GuestKernel.CODE, "ffe0"); // jmp rax
      guest.set(Register.RAX, GuestKernel.UNMAPPED);
      assertThat(guest.cpu.run()).isEqualTo(CpuExit.Halted.INSTANCE);
      assertThat(guest.load(guest.get(Register.RSP))).isEqualTo(GuestKernel.UNMAPPED);
    }
  }
}
