/** What a debugger may ask of a machine. */
@NullMarked
package dev.kmemu.emulator.debug;

import org.jspecify.annotations.NullMarked;
