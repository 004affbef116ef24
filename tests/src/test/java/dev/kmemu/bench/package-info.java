/** Tests of what the benchmarks measure, not of how fast it is. */
@NullMarked
package dev.kmemu.bench;

import org.jspecify.annotations.NullMarked;
