/** Tests of guest time. */
@NullMarked
package dev.kmemu.emulator.time;

import org.jspecify.annotations.NullMarked;
