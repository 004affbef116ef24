package dev.kmemu.emulator.machine;

import static dev.kmemu.emulator.machine.GuestProgram.CODE;
import static dev.kmemu.emulator.machine.GuestProgram.va;
import static org.assertj.core.api.Assertions.assertThat;

import dev.kmemu.emulator.cpu.Register;
import dev.kmemu.emulator.debug.DebugTarget;
import dev.kmemu.emulator.debug.ResumeKind;
import dev.kmemu.emulator.debug.StopReason;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
class LastingBreakpointsTest {

  private static final long TARGET = CODE + 0x100;

  private final GuestProgram guest = new GuestProgram("e9fb000000"); // jmp TARGET
  private final DebugTarget target = guest.machine.debugTarget();

  @AfterEach
  void close() {
    guest.close();
  }

  private StopReason continues() {
    target.resume(ResumeKind.CONTINUE);
    return guest.nextStop();
  }

  @Test
  void aGuestThatOverwritesThePageKeepsThem() {
    guest.code(TARGET, "ffc0 e9f9feffff"); // inc eax; jmp CODE
    target.attach(guest);
    target.insertBreakpoint(va(TARGET));
    assertThat(continues()).isEqualTo(new StopReason.Breakpoint(va(TARGET)));
    // mov word [TARGET], 0xc3ff (inc ebx); jmp TARGET
    guest.code(CODE + 0x80, "66c7042500011000ffc3 e971000000");
    guest.set(Register.RIP, CODE + 0x80);
    guest.set(Register.RBX, 0);
    assertThat(continues()).isEqualTo(new StopReason.Breakpoint(va(TARGET)));
    assertThat(guest.load(TARGET) & 0xFFFF).isEqualTo(0xC3FF);
    target.resume(ResumeKind.STEP);
    guest.nextStop();
    assertThat(guest.get(Register.RBX)).isEqualTo(1);
  }

  @Test
  void nobodySeesThem() {
    guest.code(TARGET, "8b042500011000 f4"); // mov eax, [TARGET]; hlt
    target.attach(guest);
    byte[] before = new byte[8];
    target.readMemory(va(TARGET), before, 0, 8);
    target.insertBreakpoint(va(TARGET));
    continues();
    byte[] seen = new byte[8];
    target.readMemory(va(TARGET), seen, 0, 8);
    assertThat(seen).isEqualTo(before);
    assertThat(continues()).isEqualTo(new StopReason.Halted());
    assertThat(guest.get(Register.RAX)).as("what the guest reads").isEqualTo(0x0025_048BL);
  }

  @Test
  void theyAreLinearAddressesInEveryMode() {
    target.attach(guest);
    target.insertBreakpoint(va(0x10002));
    guest.machine.onCpu(
        cpu -> {
          cpu.reset();
          return cpu;
        });
    guest.code(0x10000, "40 40 40 f4"); // inc ax
    guest.set(Register.CS, 0x1000);
    guest.set(Register.RIP, 0);
    assertThat(continues()).isEqualTo(new StopReason.Breakpoint(va(0x10002)));
    assertThat(guest.get(Register.RIP)).isEqualTo(2);
    assertThat(continues()).isEqualTo(new StopReason.Halted());
  }
}
