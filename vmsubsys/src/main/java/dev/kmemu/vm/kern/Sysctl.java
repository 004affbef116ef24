package dev.kmemu.vm.kern;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Collection;
import java.util.List;
import java.util.NavigableMap;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** The sysctl tree ({@code sys/kern/kern_sysctl.c}): dotted names, variables at its leaves. */
public final class Sysctl {

  private final NavigableMap<String, SysctlLeaf> leaves = new TreeMap<>();

  /**
   * Creates the tree from its leaves; nodes are whatever their names pass through.
   *
   * @throws IllegalArgumentException when a name occurs twice, or is a node's as well
   */
  public Sysctl(Collection<SysctlLeaf> leaves) {
    for (SysctlLeaf leaf : leaves) {
      if (this.leaves.put(leaf.name(), leaf) != null) {
        throw new IllegalArgumentException("two sysctls are named " + leaf.name());
      }
    }
    for (String name : this.leaves.keySet()) {
      if (isNode(name)) {
        throw new IllegalArgumentException(name + " is a sysctl and a node");
      }
    }
  }

  /**
   * Returns the variables at or below {@code prefix} in the order of their names; all of them for
   * an empty prefix, none for one that doesn't exist.
   */
  public List<SysctlLeaf> list(String prefix) {
    return leaves.values().stream()
        .filter(leaf -> leaf.name().equals(prefix) || isBelow(leaf.name(), prefix))
        .toList();
  }

  /** Reads a variable. */
  public SysctlReply read(String name) {
    SysctlLeaf leaf = leaves.get(name);
    return leaf == null ? noLeaf(name) : new SysctlReply.Value(leaf.value().getAsLong());
  }

  /** Writes a variable; the reply has the old value. */
  public SysctlReply write(String name, long value) {
    SysctlLeaf leaf = leaves.get(name);
    if (leaf == null) {
      return noLeaf(name);
    }
    SysctlLeaf.Writer writer = leaf.writer();
    if (writer == null) {
      return new SysctlReply.NotPermitted(name);
    }
    long old = leaf.value().getAsLong();
    return write(leaf, writer, old, value);
  }

  /**
   * {@code sysctl(3)} with both buffers.
   *
   * @param old receives the value's bytes; null asks for their number
   * @param replacement the new value's bytes, or null to write nothing
   */
  public SysctlReply exchange(String name, byte @Nullable [] old, byte @Nullable [] replacement) {
    SysctlLeaf leaf = leaves.get(name);
    if (leaf == null) {
      return noLeaf(name);
    }
    SysctlLeaf.Writer writer = leaf.writer();
    if (replacement != null && writer == null) {
      return new SysctlReply.NotPermitted(name);
    }
    int size = leaf.type().bytes();
    long value = leaf.value().getAsLong();
    if (old != null) {
      int copied = Math.min(old.length, size);
      System.arraycopy(encode(value), 0, old, 0, copied);
      if (copied < size) {
        return new SysctlReply.ShortBuffer(copied);
      }
    }
    if (replacement != null && writer != null) {
      return replacement.length == size
          ? write(leaf, writer, value, decode(replacement))
          : new SysctlReply.Invalid(name, "takes " + size + " bytes, got " + replacement.length);
    }
    return old == null ? new SysctlReply.Size(size) : new SysctlReply.Value(value);
  }

  private static SysctlReply write(
      SysctlLeaf leaf, SysctlLeaf.Writer writer, long old, long value) {
    return writer
        .write(value)
        .<SysctlReply>map(reason -> new SysctlReply.Invalid(leaf.name(), reason))
        .orElseGet(() -> new SysctlReply.Value(old));
  }

  private SysctlReply noLeaf(String name) {
    if (isNode(name)) {
      return new SysctlReply.IsNode(name);
    }
    String nearest = name;
    while (!nearest.isEmpty() && !isNode(nearest) && !leaves.containsKey(nearest)) {
      nearest = nearest.substring(0, Math.max(0, nearest.lastIndexOf('.')));
    }
    return new SysctlReply.NoSuchName(name, nearest);
  }

  private boolean isNode(String name) {
    String next = leaves.higherKey(name.isEmpty() ? name : name + ".");
    return next != null && isBelow(next, name);
  }

  private static boolean isBelow(String name, String node) {
    return node.isEmpty() || (name.startsWith(node) && name.startsWith(".", node.length()));
  }

  private static byte[] encode(long value) {
    return ByteBuffer.allocate(Long.BYTES).order(ByteOrder.LITTLE_ENDIAN).putLong(value).array();
  }

  private static long decode(byte[] bytes) {
    ByteBuffer buffer = ByteBuffer.allocate(Long.BYTES).order(ByteOrder.LITTLE_ENDIAN);
    return buffer.put(bytes).rewind().getLong();
  }
}
