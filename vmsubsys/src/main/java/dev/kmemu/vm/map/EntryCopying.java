package dev.kmemu.vm.map;

import dev.kmemu.vm.object.VmObject;

/** What a fork needs of the fault code: {@code vm_fault_copy_entry}. */
public interface EntryCopying {

  /**
   * Copies the pages of a wired entry, all of which are resident, into a new object of the entry's
   * size. May sleep for memory; the map stays locked.
   */
  VmObject copyWired(VmMapEntry entry);
}
