package dev.kmemu.vm.kern;

import org.jspecify.annotations.Nullable;

/**
 * The global tokens of the VM, in the order they are taken.
 *
 * @param vm {@code vm_token}: pages, object contents and physical maps
 * @param vmobj {@code vmobj_token}: object reference counts
 */
public record VmTokens(Token vm, Token vmobj) {

  /** Returns free tokens for a new kernel. */
  public static VmTokens create() {
    return create(null);
  }

  /** Returns the same for threads that {@code scheduler} chooses from, null for nobody. */
  public static VmTokens create(@Nullable ThreadScheduler scheduler) {
    return new VmTokens(
        new Token("vm_token", 0, scheduler), new Token("vmobj_token", 1, scheduler));
  }
}
