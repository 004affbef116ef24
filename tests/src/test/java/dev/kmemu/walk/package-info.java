/** Tests of walker equality. */
@NullMarked
package dev.kmemu.walk;

import org.jspecify.annotations.NullMarked;
