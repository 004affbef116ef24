/** Concurrency proofs that jcstress runs. */
@NullMarked
package dev.kmemu.vm.stress;

import org.jspecify.annotations.NullMarked;
