/** Page faults, from the trap to the entered page. */
@NullMarked
package dev.kmemu.vm.fault;

import org.jspecify.annotations.NullMarked;
