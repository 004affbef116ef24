/** Addresses and guest RAM. */
@NullMarked
package dev.kmemu.emulator.memory;

import org.jspecify.annotations.NullMarked;
