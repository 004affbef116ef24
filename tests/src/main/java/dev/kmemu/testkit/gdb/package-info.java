/** A client of the GDB remote protocol for tests. */
@NullMarked
package dev.kmemu.testkit.gdb;

import org.jspecify.annotations.NullMarked;
