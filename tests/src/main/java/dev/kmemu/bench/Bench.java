package dev.kmemu.bench;

import dev.kmemu.emulator.unicorn.Unicorn;
import org.jspecify.annotations.Nullable;

/**
 * What benchmarks measure on.
 *
 * @param unicorn the library
 * @param kernels the guests
 * @param floor the C program, or null without a C compiler
 * @param repetitions how often each measurement is repeated
 */
record Bench(Unicorn unicorn, GuestKernels kernels, @Nullable CFloor floor, int repetitions) {}
