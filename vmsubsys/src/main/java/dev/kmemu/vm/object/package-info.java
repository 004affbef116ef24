/** Memory objects and the index of their resident pages. */
@NullMarked
package dev.kmemu.vm.object;

import org.jspecify.annotations.NullMarked;
