/** Tests of the CPU engine. */
@NullMarked
package dev.kmemu.emulator.unicorn;

import org.jspecify.annotations.NullMarked;
