package dev.kmemu.conformance;

import dev.kmemu.vm.pmap.PmapProvider;

/** What the checks of one hazard have in common. */
public interface ConformanceChecks {

  /** Returns the pmap under test; asked once for each check. */
  PmapProvider pmap();

  /** What is done to a fresh kernel. */
  @FunctionalInterface
  interface KernelCheck {
    /** Tests the kernel; throws when it fails. */
    void run(TestedKernel kernel);
  }

  /** Boots a kernel on the pmap, runs a check, and then tests the invariants. */
  default void onKernel(KernelCheck check) {
    try (TestedKernel kernel = new TestedKernel(pmap())) {
      check.run(kernel);
      kernel.requireInvariants();
    }
  }
}
