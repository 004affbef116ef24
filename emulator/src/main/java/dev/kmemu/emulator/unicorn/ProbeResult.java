package dev.kmemu.emulator.unicorn;

/**
 * What a trial run told about the library.
 *
 * @param layout where the CPU's state lies in a context
 * @param avx whether CPUID offers AVX, so that YMM registers exist
 */
record ProbeResult(ContextLayout layout, boolean avx) {}
