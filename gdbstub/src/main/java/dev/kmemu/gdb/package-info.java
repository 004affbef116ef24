/** A GDB remote stub. */
@NullMarked
package dev.kmemu.gdb;

import org.jspecify.annotations.NullMarked;
