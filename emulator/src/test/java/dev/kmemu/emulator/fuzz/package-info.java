/** Random guests, which must not hurt the host. */
@NullMarked
package dev.kmemu.emulator.fuzz;

import org.jspecify.annotations.NullMarked;
