/** The rehearsal. */
@NullMarked
package dev.kmemu.gdb.rehearsal;

import org.jspecify.annotations.NullMarked;
