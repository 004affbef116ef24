/** Tests of the package. */
@NullMarked
package dev.kmemu.vm.pmap;

import org.jspecify.annotations.NullMarked;
