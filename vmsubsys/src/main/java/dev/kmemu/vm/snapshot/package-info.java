/** Snapshots of a kernel VM. */
@NullMarked
package dev.kmemu.vm.snapshot;

import org.jspecify.annotations.NullMarked;
