/** Tests of the package. */
@NullMarked
package dev.kmemu.vm.kern;

import org.jspecify.annotations.NullMarked;
