/** Tests of the terminal as a serial console. */
@NullMarked
package dev.kmemu.cli.terminal;

import org.jspecify.annotations.NullMarked;
