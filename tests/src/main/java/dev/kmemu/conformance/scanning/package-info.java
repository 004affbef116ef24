/**
 * A pmap written from nothing but its contract: no PV entries, no code of the standard one, a flush
 * of the whole TLB after each change. Slow, and an example of the least that an implementation
 * needs.
 */
@NullMarked
package dev.kmemu.conformance.scanning;

import org.jspecify.annotations.NullMarked;
