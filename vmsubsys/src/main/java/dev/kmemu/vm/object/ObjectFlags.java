package dev.kmemu.vm.object;

/** {@code flags} of a {@code vm_object}, upstream's values; {@link VmObject#flags} returns them. */
public final class ObjectFlags {
  /** Nothing finds pages here any more. */
  public static final int DEAD = 0x0008;

  /** Pages of a removed part of the mapping stay, although nothing maps them. */
  public static final int NOSPLIT = 0x0010;

  /** {@code OBJ_PIPWNT}: somebody waits for the end of paging. */
  public static final int PAGING_WANTED = 0x0040;

  /** Has been mapped for writing. */
  public static final int WRITEABLE = 0x0080;

  /** Pages may be dirty. */
  public static final int MIGHT_BE_DIRTY = 0x0100;

  /** Each page is mapped once at most. */
  public static final int ONE_MAPPING = 0x2000;

  private ObjectFlags() {}
}
