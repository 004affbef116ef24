package dev.kmemu.vm.pmap;

import dev.kmemu.vm.pmap.standard.StandardPmap;

/**
 * Makes the pmap of a kernel: what a test replaces in {@code KernelVmConfig}. A provider that tools
 * load by its class name, see {@link PmapProviderLoader}, is public and has a public constructor
 * without parameters.
 */
@FunctionalInterface
public interface PmapProvider {

  /** Makes the pmap of a kernel that boots; called once for each. */
  PmapModule create(PmapContext context);

  /** Returns DragonFly's. */
  static PmapProvider standard() {
    return StandardPmap::new;
  }
}
