/** Address maps: entries, the search for space, clipping, removal and wiring. */
@NullMarked
package dev.kmemu.vm.map;

import org.jspecify.annotations.NullMarked;
