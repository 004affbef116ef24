/** Guest image loaders. */
@NullMarked
package dev.kmemu.emulator.boot;

import org.jspecify.annotations.NullMarked;
