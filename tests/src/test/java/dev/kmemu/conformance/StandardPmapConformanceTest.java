package dev.kmemu.conformance;

import dev.kmemu.vm.pmap.PmapProvider;

/** The kernel's own pmap. */
class StandardPmapConformanceTest implements PmapConformance {

  @Override
  public PmapProvider pmap() {
    return PmapProvider.standard();
  }
}
