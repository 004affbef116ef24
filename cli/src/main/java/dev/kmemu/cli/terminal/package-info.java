/** The terminal as the guest's serial console. */
@NullMarked
package dev.kmemu.cli.terminal;

import org.jspecify.annotations.NullMarked;
