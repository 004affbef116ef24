/** Benchmarks: what kmemu costs, beside what the same work costs on Unicorn alone in C. */
@NullMarked
package dev.kmemu.bench;

import org.jspecify.annotations.NullMarked;
