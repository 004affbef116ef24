/** A PC: a machine with the devices that kernels expect of one. */
@NullMarked
package dev.kmemu.emulator.pc;

import org.jspecify.annotations.NullMarked;
