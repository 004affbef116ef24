/** The TCP server that a debugger connects to. */
@NullMarked
package dev.kmemu.gdb.server;

import org.jspecify.annotations.NullMarked;
