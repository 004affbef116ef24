/** Who answers an exception: the debugger, the host kernel, the guest's own IDT, or nobody. */
@NullMarked
package dev.kmemu.emulator.trap;

import org.jspecify.annotations.NullMarked;
