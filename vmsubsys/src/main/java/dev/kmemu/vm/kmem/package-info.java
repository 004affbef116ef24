/** The kmem allocators over the kernel map and its submaps. */
@NullMarked
package dev.kmemu.vm.kmem;

import org.jspecify.annotations.NullMarked;
