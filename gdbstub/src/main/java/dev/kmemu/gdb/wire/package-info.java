/** Bytes to frames and back: the packet layer of the GDB Remote Serial Protocol. */
@NullMarked
package dev.kmemu.gdb.wire;

import org.jspecify.annotations.NullMarked;
