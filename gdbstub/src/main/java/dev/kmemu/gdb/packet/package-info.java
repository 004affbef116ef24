/**
 * The packets of the protocol as immutable values, one family to a file, and the replies to them.
 */
@NullMarked
package dev.kmemu.gdb.packet;

import org.jspecify.annotations.NullMarked;
