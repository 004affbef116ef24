package dev.kmemu.vm.kern;

/**
 * The global tokens of the VM, in the order they are taken.
 *
 * @param vm {@code vm_token}: pages, object contents and physical maps
 * @param vmobj {@code vmobj_token}: object reference counts
 */
public record VmTokens(Token vm, Token vmobj) {

  /** Returns free tokens for a new kernel. */
  public static VmTokens create() {
    return new VmTokens(new Token("vm_token", 0), new Token("vmobj_token", 1));
  }
}
