/** The commands behind gdb's {@code monitor}, one class for each. */
@NullMarked
package dev.kmemu.cli.monitor;

import org.jspecify.annotations.NullMarked;
