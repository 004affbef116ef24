/** How the protocol's registers, memory, breakpoints and stops map to a debug target. */
@NullMarked
package dev.kmemu.gdb.target;

import org.jspecify.annotations.NullMarked;
