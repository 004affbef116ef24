package dev.kmemu.vm.fault;

/** {@code fault_flags} of {@code vm_fault}. */
public final class FaultFlags {
  public static final int NORMAL = 0x00;

  /** The kernel wires the page. */
  public static final int CHANGE_WIRING = 0x01;

  /** A user wires the page. */
  public static final int USER_WIRE = 0x02;

  public static final int BURST = 0x04;
  public static final int DIRTY = 0x08;
  public static final int WIRE_MASK = CHANGE_WIRING | USER_WIRE;

  private FaultFlags() {}
}
