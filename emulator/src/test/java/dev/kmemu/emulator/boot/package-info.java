/** Tests of the guest image loaders. */
@NullMarked
package dev.kmemu.emulator.boot;

import org.jspecify.annotations.NullMarked;
