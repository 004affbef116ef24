package dev.kmemu.vm.kern;

/** The Mach-style result codes of {@code sys/vm/vm_param.h} that the kernel maps use. */
public enum KernReturn {
  SUCCESS(0),
  INVALID_ADDRESS(1),
  PROTECTION_FAILURE(2),
  NO_SPACE(3),
  INVALID_ARGUMENT(4),
  FAILURE(5),
  RESOURCE_SHORTAGE(6),
  NOT_RECEIVER(7),
  NO_ACCESS(8),
  TRY_AGAIN(9);

  private final int code;

  KernReturn(int code) {
    this.code = code;
  }

  /** Returns the value that upstream gives the code. */
  public int code() {
    return code;
  }
}
