package dev.kmemu.emulator.cpu;

/** Kinds of registers. */
public enum RegisterGroup {
  /** General-purpose registers, RIP and RFLAGS. */
  GENERAL,
  /** Segment selectors. */
  SEGMENT,
  /** Segment bases that MSRs hold. */
  SEGMENT_BASE,
  /** Control registers and EFER. */
  CONTROL,
  /** Debug registers. */
  DEBUG,
  /** MSRs that hold an entry of the kernel, a base or a memory type. */
  MODEL_SPECIFIC,
  /** GDTR, IDTR, LDTR and TR. */
  DESCRIPTOR_TABLE,
  /** The x87 stack and its environment. */
  X87,
  /** SSE and AVX. */
  VECTOR
}
