/** Page-table formats and the walker that explains a translation level by level. */
@NullMarked
package dev.kmemu.emulator.mmu;

import org.jspecify.annotations.NullMarked;
