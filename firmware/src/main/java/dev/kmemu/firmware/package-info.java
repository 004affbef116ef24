/**
 * The guest programs that come with the machine, and the Java view of what they and their host
 * agree on.
 *
 * <p>This module sees no other, so guest addresses are plain {@code long}s here: unsigned 64-bit
 * linear addresses, named {@code kva} or {@code address}.
 */
@NullMarked
package dev.kmemu.firmware;

import org.jspecify.annotations.NullMarked;
