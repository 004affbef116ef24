/** The model of the processor: CPUID, MSRs, TSC, control registers, system calls. */
@NullMarked
package dev.kmemu.emulator.model;

import org.jspecify.annotations.NullMarked;
