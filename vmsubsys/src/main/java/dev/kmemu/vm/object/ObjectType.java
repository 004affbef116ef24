package dev.kmemu.vm.object;

/** {@code enum obj_type}. */
public enum ObjectType {
  /** Anonymous memory that has no pager yet. */
  DEFAULT(0),
  SWAP(1),
  VNODE(2),
  DEVICE(3),
  PHYS(4),
  DEAD(5),
  MARKER(6);

  private final int code;

  ObjectType(int code) {
    this.code = code;
  }

  /** Returns upstream's value, which panics print. */
  public int code() {
    return code;
  }
}
