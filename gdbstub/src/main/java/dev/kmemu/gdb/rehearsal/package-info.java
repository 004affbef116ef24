/** Practice sessions, by which a young JVM gets ready for the first debugger. */
@NullMarked
package dev.kmemu.gdb.rehearsal;

import org.jspecify.annotations.NullMarked;
