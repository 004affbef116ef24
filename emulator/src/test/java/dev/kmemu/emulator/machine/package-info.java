/** Tests of the machine and its CPU's thread. */
@NullMarked
package dev.kmemu.emulator.machine;

import org.jspecify.annotations.NullMarked;
