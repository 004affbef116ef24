package dev.kmemu.vm.map;

/** {@code vm_inherit_t}, in upstream's order. */
public enum Inheritance {
  SHARE,
  /** The default. */
  COPY,
  NONE
}
