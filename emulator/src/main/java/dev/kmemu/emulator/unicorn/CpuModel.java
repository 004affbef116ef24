package dev.kmemu.emulator.unicorn;

import static dev.kmemu.emulator.unicorn.UnicornLibrary.check;

/**
 * Which of QEMU's CPU models the guest sees. The library's own choice changes with its version, and
 * none of its choices has SMAP: a guest that sets CR4.SMAP finds it clear again, and one whose CR4
 * the host sets isn't protected by it. This model has SMEP, SMAP and pages of 1 GiB, but no
 * protection keys and no 5-level paging.
 */
final class CpuModel {

  /** {@code UC_CPU_X86_EPYC}. */
  private static final int EPYC = 35;

  private CpuModel() {}

  /** Chooses the model; nothing else may have been asked of the engine before. */
  static void choose(long engine) {
    check(
        "uc_ctl_set_cpu_model",
        UnicornLibrary.uc_ctl(engine, UnicornLibrary.UC_CTL_CPU_MODEL, EPYC, 0));
  }
}
