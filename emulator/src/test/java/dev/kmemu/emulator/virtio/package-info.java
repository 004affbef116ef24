/** Tests of port devices. */
@NullMarked
package dev.kmemu.emulator.virtio;

import org.jspecify.annotations.NullMarked;
