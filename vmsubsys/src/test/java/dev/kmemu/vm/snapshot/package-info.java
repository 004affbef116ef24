/** Tests of snapshots. */
@NullMarked
package dev.kmemu.vm.snapshot;

import org.jspecify.annotations.NullMarked;
