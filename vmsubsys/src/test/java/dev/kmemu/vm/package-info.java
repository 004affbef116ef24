/** Tests of the kernel VM on page tables that no CPU walks. */
@NullMarked
package dev.kmemu.vm;

import org.jspecify.annotations.NullMarked;
