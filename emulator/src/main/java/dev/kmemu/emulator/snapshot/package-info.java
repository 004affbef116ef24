/** What takes part in snapshots, and the file that keeps them. */
@NullMarked
package dev.kmemu.emulator.snapshot;

import org.jspecify.annotations.NullMarked;
