/** Devices behind I/O ports. */
@NullMarked
package dev.kmemu.emulator.device;

import org.jspecify.annotations.NullMarked;
