/** Invariants that a quiescent kernel VM keeps, and what breaks them. */
@NullMarked
package dev.kmemu.vm.check;

import org.jspecify.annotations.NullMarked;
