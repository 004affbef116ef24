/**
 * What comes from outside, at random. Each class is one fuzz target; in an ordinary build its seeds
 * run, in the profile {@code fuzz} Jazzer makes up more.
 */
@NullMarked
package dev.kmemu.gdb.fuzz;

import org.jspecify.annotations.NullMarked;
