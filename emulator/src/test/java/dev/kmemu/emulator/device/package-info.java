/** Tests of port devices. */
@NullMarked
package dev.kmemu.emulator.device;

import org.jspecify.annotations.NullMarked;
