package dev.kmemu.emulator.model;

import java.util.HashMap;
import java.util.Map;
import java.util.Optional;

/** Features that nobody can choose, and why. */
final class OtherFeatures {

  private static final String NO_AVX = "the engine has no AVX";
  private static final String NOT_REPEATABLE = "runs with it wouldn't repeat";
  private static final String NOT_NESTED = "the engine runs no guests of its guest";
  private static final String NOT_THERE = "the engine doesn't have it";
  private static final String NEEDED = "code for x86-64 may count on it";
  private static final String KEPT = "the engine has its registers anyway";

  private static final Map<String, String> ABSENT = new HashMap<>();
  private static final Map<String, String> FIXED = new HashMap<>();

  static {
    for (String name :
        new String[] {
          "avx",
          "avx2",
          "f16c",
          "fma",
          "fma4",
          "xop",
          "vaes",
          "vpclmulqdq",
          "avx512f",
          "avx512bw",
          "avx512cd",
          "avx512dq",
          "avx512vl"
        }) {
      ABSENT.put(name, NO_AVX);
    }
    for (String name : new String[] {"rdrand", "rdseed"}) {
      ABSENT.put(name, NOT_REPEATABLE);
    }
    for (String name : new String[] {"vmx", "svm", "smx"}) {
      ABSENT.put(name, NOT_NESTED);
    }
    for (String name :
        new String[] {
          "pcid", "invpcid", "la57", "umip", "rdpid", "sha-ni", "gfni", "rtm", "hle", "monitor",
          "xsavec", "xsaves", "ht", "pdcm", "acpi", "ss", "ds", "vme", "sse4a", "3dnow"
        }) {
      ABSENT.put(name, NOT_THERE);
    }
    for (String name :
        new String[] {
          "fpu", "tsc", "msr", "pae", "cx8", "cmov", "mmx", "fxsr", "sse", "sse2", "syscall", "lm"
        }) {
      FIXED.put(name, NEEDED);
    }
    for (String name : new String[] {"mtrr", "mca", "pat", "pse36"}) {
      FIXED.put(name, KEPT);
    }
  }

  private OtherFeatures() {}

  /** Returns why no processor of kmemu has {@code name}; empty for a name that nobody knows. */
  static Optional<String> whyAbsent(String name) {
    return Optional.ofNullable(ABSENT.get(name));
  }

  /** Returns why each processor has {@code name}; empty for any other name. */
  static Optional<String> whyFixed(String name) {
    return Optional.ofNullable(FIXED.get(name));
  }
}
