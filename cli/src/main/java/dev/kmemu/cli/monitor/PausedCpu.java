package dev.kmemu.cli.monitor;

import dev.kmemu.emulator.cpu.CpuState;
import dev.kmemu.emulator.cpu.Register;
import dev.kmemu.emulator.machine.Machine;
import dev.kmemu.emulator.mmu.PagingMode;
import dev.kmemu.emulator.mmu.VirtualMemory;
import java.util.Locale;
import java.util.function.Function;

/** The CPU and memory that commands look at; a running CPU is held for the moment. */
final class PausedCpu {

  private final Machine machine;
  private final VirtualMemory memory;

  PausedCpu(Machine machine) {
    this.machine = machine;
    this.memory = new VirtualMemory(machine.ram());
  }

  Machine machine() {
    return machine;
  }

  VirtualMemory memory() {
    return memory;
  }

  /** Looks at the CPU's state, on its thread. */
  <T> T look(Function<CpuState, T> question) {
    return machine.onCpu(cpu -> question.apply(cpu.state()));
  }

  /** Returns how the CPU translates addresses now. */
  PagingMode paging() {
    return look(cpu -> PagingMode.of(cpu.cr0(), cpu.cr3(), cpu.cr4(), cpu.efer(), cpu.rflags()));
  }

  /** Returns a register of up to 64 bits by the name that gdb knows it by. */
  long register(String name) {
    Register register =
        switch (name) {
          case "pc" -> Register.RIP;
          case "sp" -> Register.RSP;
          case "eflags" -> Register.RFLAGS;
          default -> named(name);
        };
    return machine.onCpu(cpu -> cpu.registers().read(register));
  }

  private Register named(String name) {
    for (Register register : Register.values()) {
      if (register.name().toLowerCase(Locale.ROOT).equals(name) && register.bits() <= Long.SIZE) {
        return register;
      }
    }
    throw new MonitorException("there is no register $" + name + " of up to 64 bits");
  }
}
