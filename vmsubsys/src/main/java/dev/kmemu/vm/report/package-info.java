/** Immutable snapshots of a kernel VM for people and tools. */
@NullMarked
package dev.kmemu.vm.report;

import org.jspecify.annotations.NullMarked;
