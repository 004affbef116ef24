/**
 * What an x86_64 CPU is to the rest of the machine: registers, runs and their ends, traps, ports.
 */
@NullMarked
package dev.kmemu.emulator.cpu;

import org.jspecify.annotations.NullMarked;
