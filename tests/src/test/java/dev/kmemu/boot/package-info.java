/** Third-party kernels on the emulated PC. */
@NullMarked
package dev.kmemu.boot;

import org.jspecify.annotations.NullMarked;
