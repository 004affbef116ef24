/** Tests of the {@code kmemu} script: run for real, over stand-ins for the tools that it calls. */
@NullMarked
package dev.kmemu.cli.launcher;

import org.jspecify.annotations.NullMarked;
