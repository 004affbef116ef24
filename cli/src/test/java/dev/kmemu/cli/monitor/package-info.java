/** The commands behind {@code monitor}, without a debugger in front of them. */
@NullMarked
package dev.kmemu.cli.monitor;

import org.jspecify.annotations.NullMarked;
