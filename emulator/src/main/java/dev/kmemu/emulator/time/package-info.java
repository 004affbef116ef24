/** Guest time: the one clock of a machine, and what waits for it. */
@NullMarked
package dev.kmemu.emulator.time;

import org.jspecify.annotations.NullMarked;
