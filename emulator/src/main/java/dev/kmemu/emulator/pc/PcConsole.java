package dev.kmemu.emulator.pc;

import dev.kmemu.emulator.machine.Machine;
import dev.kmemu.emulator.virtio.VirtioConsole;
import dev.kmemu.emulator.virtio.VirtioMmio;

/** A PC's virtio console as its user types at it. */
public final class PcConsole {

  private final Machine machine;
  private final VirtioConsole console;
  private final VirtioMmio transport;

  PcConsole(Machine machine, VirtioConsole console, VirtioMmio transport) {
    this.machine = machine;
    this.console = console;
    this.transport = transport;
  }

  /**
   * Lets the guest read {@code character}, 0 to 255. From any thread; a running CPU is held for a
   * moment.
   *
   * @return false when it should be offered again later
   */
  public boolean type(int character) {
    boolean taken = machine.onCpu(cpu -> console.type(transport, character));
    machine.interruptsChanged();
    return taken;
  }
}
