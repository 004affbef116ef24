package dev.kmemu.vm.map;

import dev.kmemu.vm.kern.KernReturn;

/** What the maps need of the fault code: {@code vm_fault_wire} and {@code vm_fault_unwire}. */
public interface EntryWiring {

  /**
   * Faults in and wires every page of an entry in transition. The map is locked exclusively before
   * and after, not meanwhile. Nothing is wired on failure.
   */
  KernReturn wire(VmMap map, VmMapEntry entry, boolean userWire);

  /** Unwires every page that is mapped in the entry. */
  void unwire(VmMap map, VmMapEntry entry);
}
