/** The CPU engine that stands on the system's Unicorn library. */
@NullMarked
package dev.kmemu.emulator.unicorn;

import org.jspecify.annotations.NullMarked;
