package dev.kmemu.gdb;

import dev.kmemu.emulator.cpu.Register;
import dev.kmemu.emulator.debug.MemoryRange;
import dev.kmemu.emulator.debug.MemoryTransfer;
import dev.kmemu.emulator.debug.StopReason;
import dev.kmemu.emulator.debug.StoppedCpu;
import dev.kmemu.emulator.debug.Watchpoint;
import dev.kmemu.emulator.memory.VirtualAddress;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Optional;

/**
 * Executes instructions of one byte: {@link #STORE} writes AL where RDI points, {@link #LOAD} reads
 * AL where RSI points, all others do nothing; each then adds 1 to RAX, and to RIP, which wraps to
 * the start at the end of RAM. The last instructions can be undone.
 */
final class ToyCore implements StoppedCpu {

  static final int STORE = 0xaa;
  static final int LOAD = 0xac;

  private static final int MOST_UNDONE = 0x1000;

  private final ToyRegisters registers;
  private final ToyRam ram;
  private final ToyWatchpoints watchpoints;
  private final Deque<Runnable> undo = new ArrayDeque<>();

  ToyCore(ToyRegisters registers, ToyRam ram, ToyWatchpoints watchpoints) {
    this.registers = registers;
    this.ram = ram;
    this.watchpoints = watchpoints;
  }

  /** Executes the instruction at RIP and returns the stop for what it used, if that was watched. */
  Optional<StopReason> execute() {
    VirtualAddress rip = new VirtualAddress(registers.get(Register.RIP));
    VirtualAddress to = new VirtualAddress(registers.get(Register.RDI));
    VirtualAddress from = new VirtualAddress(registers.get(Register.RSI));
    int instruction = ram.at(rip.minus(ToyTarget.RAM));
    remember(rip, to);

    Optional<StopReason> watched = Optional.empty();
    if (instruction == STORE) {
      ram.put(to.minus(ToyTarget.RAM), (int) registers.get(Register.RAX));
      watched = watchpoints.used(to, Watchpoint.Kind.WRITE);
    } else if (instruction == LOAD) {
      long rest = registers.get(Register.RAX) & ~0xffL;
      registers.set(Register.RAX, rest | ram.at(from.minus(ToyTarget.RAM)));
      watched = watchpoints.used(from, Watchpoint.Kind.READ);
    }
    long next = (rip.minus(ToyTarget.RAM) + 1) % ToyTarget.RAM_BYTES;
    registers.set(Register.RIP, ToyTarget.RAM.plus(next).value());
    registers.set(Register.RAX, registers.get(Register.RAX) + 1);
    return watched;
  }

  /** Undoes the last instruction, when one is remembered. */
  boolean undo() {
    Runnable last = undo.poll();
    if (last != null) {
      last.run();
    }
    return last != null;
  }

  /** The RAM is one range, what is before and behind it two others. */
  static MemoryRange rangeAt(VirtualAddress address) {
    VirtualAddress last = ToyTarget.RAM.plus(ToyTarget.RAM_BYTES - 1);
    if (address.isBelow(ToyTarget.RAM)) {
      return new MemoryRange(new VirtualAddress(0), ToyTarget.RAM.plus(-1), false, false, false);
    }
    return last.isBelow(address)
        ? new MemoryRange(last.plus(1), new VirtualAddress(-1), false, false, false)
        : new MemoryRange(ToyTarget.RAM, last, true, true, true);
  }

  @Override
  public long register(Register register) {
    return registers.get(register);
  }

  @Override
  public MemoryTransfer read(VirtualAddress address, byte[] target, int offset, int length) {
    return ram.read(address.minus(ToyTarget.RAM), target, offset, length);
  }

  private void remember(VirtualAddress rip, VirtualAddress to) {
    long rax = registers.get(Register.RAX);
    long offset = to.minus(ToyTarget.RAM);
    int old = ram.at(offset);
    if (undo.size() == MOST_UNDONE) {
      undo.removeLast();
    }
    undo.push(
        () -> {
          registers.set(Register.RIP, rip.value());
          registers.set(Register.RAX, rax);
          ram.put(offset, old);
        });
  }
}
