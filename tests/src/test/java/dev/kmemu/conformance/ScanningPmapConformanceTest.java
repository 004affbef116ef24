package dev.kmemu.conformance;

import dev.kmemu.conformance.scanning.ScanningPmapProvider;
import dev.kmemu.vm.pmap.PmapProvider;

/** A pmap that shares nothing with the kernel's own. */
class ScanningPmapConformanceTest implements PmapConformance {

  @Override
  public PmapProvider pmap() {
    return new ScanningPmapProvider();
  }
}
