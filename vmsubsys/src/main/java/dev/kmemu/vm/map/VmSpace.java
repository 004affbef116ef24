package dev.kmemu.vm.map;

import dev.kmemu.vm.kern.StateExchange;
import dev.kmemu.vm.pmap.Pmap;

/**
 * {@code struct vmspace}: a user address space, its map and its physical map. Made and ended by
 * {@link VmSpaces}.
 */
public final class VmSpace {

  /** {@code DFLSSIZ}: how far a process's stack may grow unless told otherwise, in bytes. */
  static final long DEFAULT_STACK_LIMIT = 64L << 20;

  private final VmMap map;

  /** How many processes live here; guarded by the registry of live spaces. */
  int references = 1;

  /** {@code vm_maxsaddr}; above every address while there is no process stack. */
  private long stackLowest = -1;

  private long stackSize;
  private long stackLimit = DEFAULT_STACK_LIMIT;

  VmSpace(VmMap map) {
    this.map = map;
    map.space = this;
  }

  /** Returns the map: not a system map, so that objects come on demand. */
  public VmMap map() {
    return map;
  }

  /** Returns the physical map, which no other address space has. */
  public Pmap pmap() {
    return map.pmap();
  }

  /**
   * Names the stack of the process, whose growth is limited; call it with the map locked, or before
   * anybody else has the space.
   *
   * @param lowest {@code vm_maxsaddr}: the lowest address that belongs to it, up to the map's end
   * @param size {@code vm_ssize}, in bytes: how large it is already
   * @param limit in bytes, {@code RLIMIT_STACK}
   */
  public void setProcessStack(long lowest, long size, long limit) {
    stackLowest = lowest;
    stackSize = size;
    stackLimit = limit;
  }

  /** {@code vm_ssize}, in bytes. */
  public long stackSize() {
    return stackSize;
  }

  long stackLimit() {
    return stackLimit;
  }

  boolean isProcessStack(long address) {
    return Long.compareUnsigned(address, stackLowest) >= 0;
  }

  void growStack(long bytes) {
    stackSize += bytes;
  }

  /** Takes over what {@code vm_startcopy} to {@code vm_endcopy} holds. */
  void copyStack(VmSpace from) {
    setProcessStack(from.stackLowest, from.stackSize, from.stackLimit);
  }

  /** Exchanges all state with a snapshot. */
  void exchange(StateExchange state) {
    references = state.exchange(references);
    stackLowest = state.exchange(stackLowest);
    stackSize = state.exchange(stackSize);
    stackLimit = state.exchange(stackLimit);
  }

  @Override
  public String toString() {
    return map.toString();
  }
}
