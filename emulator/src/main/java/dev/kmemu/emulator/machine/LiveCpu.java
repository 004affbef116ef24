package dev.kmemu.emulator.machine;

import dev.kmemu.emulator.cpu.CpuEngine;
import dev.kmemu.emulator.cpu.CpuState;
import dev.kmemu.emulator.cpu.Register;
import dev.kmemu.emulator.debug.MemoryTransfer;
import dev.kmemu.emulator.debug.StoppedCpu;
import dev.kmemu.emulator.memory.PhysicalMemory;
import dev.kmemu.emulator.memory.VirtualAddress;
import dev.kmemu.emulator.mmu.PagingMode;
import dev.kmemu.emulator.mmu.VirtualMemory;
import java.util.List;

/** The CPU at a breakpoint, read where its state lies. On the CPU's thread. */
final class LiveCpu implements StoppedCpu {

  /** In the order of their encoding. */
  private static final List<Register> GENERAL =
      List.of(
          Register.RAX,
          Register.RCX,
          Register.RDX,
          Register.RBX,
          Register.RSP,
          Register.RBP,
          Register.RSI,
          Register.RDI,
          Register.R8,
          Register.R9,
          Register.R10,
          Register.R11,
          Register.R12,
          Register.R13,
          Register.R14,
          Register.R15);

  private final CpuEngine engine;
  private final CpuState state;
  private final VirtualMemory memory;
  private PagingMode mode = PagingMode.of(0, 0, 0, 0, 0);

  LiveCpu(CpuEngine engine, PhysicalMemory ram) {
    this.engine = engine;
    this.state = engine.state();
    this.memory = new VirtualMemory(ram);
  }

  @Override
  public long register(Register register) {
    int encoding = GENERAL.indexOf(register);
    if (encoding >= 0) {
      return state.general(encoding);
    }
    return register == Register.RIP ? state.rip() : engine.registers().read(register);
  }

  @Override
  public MemoryTransfer read(VirtualAddress address, byte[] target, int offset, int length) {
    mode = mode.following(state.cr0(), state.cr3(), state.cr4(), state.efer());
    int done = memory.read(mode, address, target, offset, length);
    return done == length
        ? new MemoryTransfer.Complete(done)
        : new MemoryTransfer.Partial(done, memory.explain(mode, address.plus(done)));
  }
}
