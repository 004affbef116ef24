package dev.kmemu.vm.model;

/** What stands behind a modelled range. */
enum Backing {
  /** Pages of {@code kernel_object}. */
  KERNEL_OBJECT,

  /** Nothing yet; an ordinary submap makes an object when it is touched. */
  ANONYMOUS,

  /** Nothing ever. */
  NOFAULT,

  /** Another map. */
  SUBMAP
}
