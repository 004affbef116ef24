/** Tests of the page-table walker. */
@NullMarked
package dev.kmemu.emulator.mmu;

import org.jspecify.annotations.NullMarked;
