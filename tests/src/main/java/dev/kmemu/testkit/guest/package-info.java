/**
 * A machine for tests of a kernel VM, and a guest CPU that does one access at a time and tells what
 * came of it.
 */
@NullMarked
package dev.kmemu.testkit.guest;

import org.jspecify.annotations.NullMarked;
