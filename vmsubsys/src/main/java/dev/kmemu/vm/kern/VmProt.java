package dev.kmemu.vm.kern;

/** Bits of a {@code vm_prot_t}. */
public final class VmProt {
  public static final int NONE = 0;
  public static final int READ = 1;
  public static final int WRITE = 2;
  public static final int EXECUTE = 4;

  /** Asks a lookup to test the entry's maximum protection instead of the current one. */
  public static final int OVERRIDE_WRITE = 8;

  public static final int ALL = READ | WRITE | EXECUTE;

  private VmProt() {}
}
