/** Tests of the package. */
@NullMarked
package dev.kmemu.vm.map;

import org.jspecify.annotations.NullMarked;
