/** Tests of what happens to exceptions. */
@NullMarked
package dev.kmemu.emulator.trap;

import org.jspecify.annotations.NullMarked;
