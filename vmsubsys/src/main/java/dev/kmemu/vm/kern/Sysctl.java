package dev.kmemu.vm.kern;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Collection;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/** The read-only {@code unsigned long} sysctls of the VM. */
public final class Sysctl {

  /** A variable: its dotted name, what it is, and where its value comes from. */
  public record Oid(String name, String description, LongSupplier value) {

    /** Upstream's format: unsigned long, as corrected in 2011. */
    public static final String FORMAT = "LU";
  }

  /** The answer to a request. */
  public sealed interface Reply {

    /** The value, 8 bytes, little-endian. */
    record Value(long value) implements Reply {}

    /** {@code ENOMEM}: the buffer took only these first bytes. */
    record ShortBuffer(int copied) implements Reply {}

    /** {@code EPERM}: the variable is read-only. */
    record NotPermitted(String name) implements Reply {}

    /** {@code ENOENT}. */
    record NoSuchName(String name) implements Reply {}
  }

  private final Map<String, Oid> oids = new LinkedHashMap<>();

  /** Creates the tree from its leaves. */
  public Sysctl(Collection<Oid> oids) {
    oids.forEach(oid -> this.oids.put(oid.name(), oid));
  }

  /** Returns all variables in their order. */
  public Collection<Oid> oids() {
    return Collections.unmodifiableCollection(oids.values());
  }

  /** Reads a variable. */
  public Reply read(String name) {
    Oid oid = oids.get(name);
    return oid == null ? new Reply.NoSuchName(name) : new Reply.Value(oid.value().getAsLong());
  }

  /**
   * {@code sysctl(3)} with both buffers.
   *
   * @param old receives the value's bytes
   * @param replacement the new value; any but null is refused
   */
  public Reply exchange(String name, byte[] old, byte @Nullable [] replacement) {
    if (replacement != null && oids.containsKey(name)) {
      return new Reply.NotPermitted(name);
    }
    Reply reply = read(name);
    if (reply instanceof Reply.Value value) {
      byte[] bytes = new byte[Long.BYTES];
      ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN).putLong(value.value());
      int copied = Math.min(old.length, bytes.length);
      System.arraycopy(bytes, 0, old, 0, copied);
      if (copied < Long.BYTES) {
        return new Reply.ShortBuffer(copied);
      }
    }
    return reply;
  }
}
