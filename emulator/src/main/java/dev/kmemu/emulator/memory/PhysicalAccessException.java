package dev.kmemu.emulator.memory;

/** A host-side access to guest RAM that no RAM answers. */
public final class PhysicalAccessException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  PhysicalAccessException(long address, long length, String extent) {
    super(
        String.format("physical range 0x%x+0x%x is outside guest RAM %s", address, length, extent));
  }
}
