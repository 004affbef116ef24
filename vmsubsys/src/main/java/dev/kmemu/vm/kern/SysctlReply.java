package dev.kmemu.vm.kern;

/** The answer to a sysctl request. */
public sealed interface SysctlReply {

  /** The value, copied to the buffer if there is one; as it was before a write. */
  record Value(long value) implements SysctlReply {}

  /** The size in bytes of the value, asked without a buffer. */
  record Size(int bytes) implements SysctlReply {}

  /** {@code ENOMEM}: the buffer took only these first bytes; nothing was written. */
  record ShortBuffer(int copied) implements SysctlReply {}

  /** {@code EPERM}: the variable is read-only. */
  record NotPermitted(String name) implements SysctlReply {}

  /** {@code EISDIR}: the name is that of a node. */
  record IsNode(String name) implements SysctlReply {}

  /**
   * {@code ENOENT}.
   *
   * @param nearest the longest beginning of the name that exists, empty for the root
   */
  record NoSuchName(String name, String nearest) implements SysctlReply {}

  /** {@code EINVAL}: the new value isn't acceptable. */
  record Invalid(String name, String reason) implements SysctlReply {}
}
