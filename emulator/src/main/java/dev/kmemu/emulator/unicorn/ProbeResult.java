package dev.kmemu.emulator.unicorn;

import org.jspecify.annotations.Nullable;

/**
 * What a trial run told about the library.
 *
 * @param layout where the CPU's state lies in a context
 * @param live where the CPU's state itself lies, null when it wasn't found
 * @param avx whether CPUID offers AVX, so that YMM registers exist
 */
record ProbeResult(ContextLayout layout, LiveState.@Nullable Place live, boolean avx) {}
