package dev.kmemu.cli;

import dev.kmemu.emulator.boot.EntryState;
import dev.kmemu.emulator.debug.DebugTarget;
import dev.kmemu.emulator.machine.Machine;
import dev.kmemu.emulator.machine.RamSize;
import dev.kmemu.emulator.memory.PhysicalAddress;
import dev.kmemu.emulator.unicorn.Unicorn;

/** A small machine in an endless loop, for practice: nothing of the user's is in it. */
final class SpareMachine {

  /** Where the loop is, in protected mode without paging. */
  static final int LOOP = 0x1000;

  /** {@code inc eax; jmp} back to it. */
  private static final byte[] PROGRAM = {(byte) 0xff, (byte) 0xc0, (byte) 0xeb, (byte) 0xfc};

  private SpareMachine() {}

  /** Returns a debugger's view of a new one; a kill closes it. */
  static DebugTarget create(Unicorn unicorn) {
    Machine machine = new Machine(unicorn, new RamSize(RamSize.SMALLEST));
    machine.ram().write(new PhysicalAddress(LOOP), PROGRAM, 0, PROGRAM.length);
    machine.onCpu(
        cpu -> {
          new EntryState.Protected32(LOOP).apply(cpu);
          return cpu;
        });
    return machine.debugTarget();
  }
}
