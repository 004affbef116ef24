/** The guest-side code. */
@NullMarked
package dev.kmemu.firmware;

import org.jspecify.annotations.NullMarked;
