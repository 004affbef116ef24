/** Walker equality: the CPU's own page walk against the Java one, combination by combination. */
@NullMarked
package dev.kmemu.walk;

import org.jspecify.annotations.NullMarked;
