/** The machine: RAM, CPU, devices and the thread that runs them. */
@NullMarked
package dev.kmemu.emulator.machine;

import org.jspecify.annotations.NullMarked;
