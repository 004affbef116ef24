/** Tests of guest RAM and addresses. */
@NullMarked
package dev.kmemu.emulator.memory;

import org.jspecify.annotations.NullMarked;
