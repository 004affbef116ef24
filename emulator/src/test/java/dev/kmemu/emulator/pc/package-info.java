@NullMarked
package dev.kmemu.emulator.pc;

import org.jspecify.annotations.NullMarked;
