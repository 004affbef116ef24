package dev.kmemu.gdb.target;

import dev.kmemu.emulator.debug.DebugTarget;
import dev.kmemu.emulator.debug.MemoryTransfer;
import dev.kmemu.emulator.debug.PhysicalAccess;
import dev.kmemu.emulator.memory.PhysicalAddress;
import dev.kmemu.emulator.memory.VirtualAddress;
import java.util.Optional;

/** The virtual and, where the target shows it, the physical memory, and which is chosen. */
public final class MemorySpaces {

  private final MemorySpace virtual;
  private final Optional<MemorySpace> physical;
  private MemorySpace chosen;

  /** Creates the spaces of {@code target}; virtual memory is chosen. */
  public MemorySpaces(DebugTarget target) {
    virtual = new Virtual(target);
    physical = target.physicalMemory().map(Physical::new);
    chosen = virtual;
  }

  /** Whether there is physical memory to choose. */
  public boolean hasPhysical() {
    return physical.isPresent();
  }

  /** Whether physical memory is chosen. */
  public boolean isPhysical() {
    return chosen != virtual;
  }

  /**
   * Chooses.
   *
   * @throws IllegalStateException when there is no physical memory
   */
  public void choose(boolean physicalMemory) {
    chosen =
        physicalMemory
            ? physical.orElseThrow(
                () -> new IllegalStateException("this machine doesn't show physical memory"))
            : virtual;
  }

  MemorySpace chosen() {
    return chosen;
  }

  private record Virtual(DebugTarget memory) implements MemorySpace {
    @Override
    public MemoryTransfer read(long address, byte[] target, int offset, int length) {
      return memory.readMemory(new VirtualAddress(address), target, offset, length);
    }

    @Override
    public MemoryTransfer write(long address, byte[] source, int offset, int length) {
      return memory.writeMemory(new VirtualAddress(address), source, offset, length);
    }

    @Override
    public String text(long address) {
      return new VirtualAddress(address).toString();
    }
  }

  private record Physical(PhysicalAccess memory) implements MemorySpace {
    @Override
    public MemoryTransfer read(long address, byte[] target, int offset, int length) {
      return memory.read(new PhysicalAddress(address), target, offset, length);
    }

    @Override
    public MemoryTransfer write(long address, byte[] source, int offset, int length) {
      return memory.write(new PhysicalAddress(address), source, offset, length);
    }

    @Override
    public String text(long address) {
      return "physical " + new PhysicalAddress(address);
    }
  }
}
