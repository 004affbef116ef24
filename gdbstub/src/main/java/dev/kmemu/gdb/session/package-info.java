/** One debugger's connection: what it has negotiated, and whether the CPU runs for it. */
@NullMarked
package dev.kmemu.gdb.session;

import org.jspecify.annotations.NullMarked;
