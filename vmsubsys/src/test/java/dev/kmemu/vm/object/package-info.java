/** Tests of the package. */
@NullMarked
package dev.kmemu.vm.object;

import org.jspecify.annotations.NullMarked;
