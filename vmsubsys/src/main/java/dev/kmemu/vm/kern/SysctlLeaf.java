package dev.kmemu.vm.kern;

import java.util.Optional;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * A variable of the sysctl tree.
 *
 * @param name dotted, from the root
 * @param description what it is, a phrase
 * @param type its size and format
 * @param value where its value comes from
 * @param writer where a new value goes, null for a read-only variable
 */
public record SysctlLeaf(
    String name, String description, Type type, LongSupplier value, @Nullable Writer writer) {

  /** How a value is passed: little-endian, of a fixed size. */
  public enum Type {
    /** {@code unsigned int}. */
    UINT("IU", Integer.BYTES),

    /** {@code unsigned long}. */
    ULONG("LU", Long.BYTES);

    private final String format;
    private final int bytes;

    Type(String format, int bytes) {
      this.format = format;
      this.bytes = bytes;
    }

    /** Returns the format string that tools print it by. */
    public String format() {
      return format;
    }

    /** Returns its size in bytes. */
    public int bytes() {
      return bytes;
    }
  }

  /** Takes a new value. */
  @FunctionalInterface
  public interface Writer {

    /** Sets the value; returns why it can't be set, or empty when it is. */
    Optional<String> write(long value);
  }

  /** Returns a read-only {@code unsigned long}. */
  public static SysctlLeaf ulong(String name, String description, LongSupplier value) {
    return new SysctlLeaf(name, description, Type.ULONG, value, null);
  }

  /** Returns a read-only {@code unsigned int}. */
  public static SysctlLeaf uint(String name, String description, LongSupplier value) {
    return new SysctlLeaf(name, description, Type.UINT, value, null);
  }

  /** Returns the same variable, which may be written. */
  public SysctlLeaf writable(Writer newWriter) {
    return new SysctlLeaf(name, description, type, value, newWriter);
  }
}
