package dev.kmemu.emulator.unicorn;

import java.util.OptionalInt;

/**
 * What a trial run told about the library.
 *
 * @param layout where the CPU's state lies in a context
 * @param live where the CPU's state itself lies
 * @param structure where the rest of the CPU lies
 * @param blockSwitch where an engine's switch of {@link MidBlockExits} lies, empty when it has none
 *     that works
 * @param avx whether CPUID offers AVX, so that YMM registers exist
 */
record ProbeResult(
    ContextLayout layout,
    LiveState.Place live,
    CpuStructure structure,
    OptionalInt blockSwitch,
    boolean avx) {}
