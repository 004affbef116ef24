package dev.kmemu.emulator.pc;

import dev.kmemu.emulator.device.ApicAccess;
import dev.kmemu.emulator.device.InterruptPin;
import dev.kmemu.emulator.device.IoApic;
import dev.kmemu.emulator.device.LocalApic;
import dev.kmemu.emulator.device.PicPair;
import dev.kmemu.emulator.machine.Machine;
import dev.kmemu.emulator.model.StandardProcessor;

/** The APICs of a PC and how they are wired. */
final class ApicPair {

  /** Where the timer's line ends at the I/O APIC; the others have their own numbers. */
  static final int TIMER_PIN = 2;

  private final LocalApic local;
  private final IoApic io;

  /** Puts both into {@code machine}, in front of the PICs. */
  ApicPair(Machine machine, PicPair pic) {
    StandardProcessor processor = machine.processor();
    local =
        new LocalApic(
            machine.timers(), pic, processor::timeStampOffset, machine::interruptsChanged);
    io = new IoApic(local);
    ApicAccess access = new ApicAccess(local, processor::setApic);
    local.setTaskPriorityListener(machine::setTaskPriority);
    processor.setTaskPriorityListener(local::setTaskPriorityClass);
    processor.setTimeStampListener(local::timeStampChanged);
    processor.attach(access);
    processor.setApic(true);
    machine.addSnapshotPart(local);
    machine.mmio().attach(ApicAccess.PAGE, ApicAccess.PAGE_BYTES, access);
    machine.mmio().attach(IoApic.ADDRESS, IoApic.BYTES, io);
    machine.setInterruptController(local);
  }

  /** Returns the input of the I/O APIC to which an ISA line leads. */
  InterruptPin pin(int line) {
    return io.pin(line == 0 ? TIMER_PIN : line);
  }

  /** Returns an input of the I/O APIC, 0 to 23. */
  InterruptPin input(int number) {
    return io.pin(number);
  }

  LocalApic local() {
    return local;
  }
}
