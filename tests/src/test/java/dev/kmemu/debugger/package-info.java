/** The machine and the GDB stub together. */
@NullMarked
package dev.kmemu.debugger;

import org.jspecify.annotations.NullMarked;
