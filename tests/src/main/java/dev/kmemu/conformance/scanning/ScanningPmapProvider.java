package dev.kmemu.conformance.scanning;

import dev.kmemu.vm.pmap.PmapContext;
import dev.kmemu.vm.pmap.PmapModule;
import dev.kmemu.vm.pmap.PmapProvider;

/** Makes the pmap that finds the mappings of a page by looking through all page tables. */
public final class ScanningPmapProvider implements PmapProvider {

  /** Makes the provider. */
  public ScanningPmapProvider() {}

  @Override
  public PmapModule create(PmapContext context) {
    return new ScanningPmap(context);
  }
}
