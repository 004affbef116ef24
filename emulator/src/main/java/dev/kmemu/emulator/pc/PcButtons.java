package dev.kmemu.emulator.pc;

import dev.kmemu.emulator.device.AcpiEvents;
import dev.kmemu.emulator.device.InterruptPin;
import dev.kmemu.emulator.machine.Machine;
import org.jspecify.annotations.Nullable;

/** The buttons on a PC's case. From any thread; a running CPU is held for a moment. */
public final class PcButtons {

  private final Machine machine;
  private final InterruptPin nmi;
  private final @Nullable AcpiEvents events;

  PcButtons(Machine machine, InterruptPin nmi, @Nullable AcpiEvents events) {
    this.machine = machine;
    this.nmi = nmi;
    this.events = events;
  }

  /** Asks for a non-maskable interrupt. */
  public void pressNmi() {
    press(nmi::pulse);
  }

  /**
   * Asks for the power to go off, of which ACPI tells a guest that listens.
   *
   * @return false where there is no ACPI, and so no button
   */
  public boolean pressPower() {
    AcpiEvents told = events;
    if (told != null) {
      press(told::pressPowerButton);
    }
    return told != null;
  }

  private void press(Runnable button) {
    machine.onCpu(
        cpu -> {
          button.run();
          return cpu;
        });
    machine.changedFromOutside();
    machine.interruptsChanged();
  }
}
