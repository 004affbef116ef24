/** A model of the kernel's maps that is too simple to be wrong, and random operations on both. */
@NullMarked
package dev.kmemu.vm.model;

import org.jspecify.annotations.NullMarked;
