/** The command line. */
@NullMarked
package dev.kmemu.cli;

import org.jspecify.annotations.NullMarked;
