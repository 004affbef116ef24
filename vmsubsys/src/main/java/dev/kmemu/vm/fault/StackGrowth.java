package dev.kmemu.vm.fault;

import dev.kmemu.vm.kern.KernReturn;
import dev.kmemu.vm.map.VmMap;

/** {@code vm_map_growstack}: what a fault below a user's stack asks for. */
@FunctionalInterface
public interface StackGrowth {

  /**
   * Grows the stack of {@code map} so that it holds {@code va}.
   *
   * @return SUCCESS, also where there is no stack to grow; else why it can't
   */
  KernReturn grow(VmMap map, long va);
}
