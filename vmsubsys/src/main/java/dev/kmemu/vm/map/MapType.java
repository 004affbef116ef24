package dev.kmemu.vm.map;

/** {@code vm_maptype_t}, in upstream's order. */
public enum MapType {
  /** Placeholder of {@code kmem_suballoc}. */
  UNSPECIFIED,
  /** Backed by an object, or by none yet. */
  NORMAL,
  /** Governed by a software page table; user maps only. */
  VPAGETABLE,
  /** Another map. */
  SUBMAP
}
