/** Benchmarks of the kernel VM's allocators, measured by JMH in a JVM of their own. */
@NullMarked
package dev.kmemu.bench.jmh;

import org.jspecify.annotations.NullMarked;
