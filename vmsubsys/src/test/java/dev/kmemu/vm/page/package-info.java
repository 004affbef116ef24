/** Tests of the package. */
@NullMarked
package dev.kmemu.vm.page;

import org.jspecify.annotations.NullMarked;
