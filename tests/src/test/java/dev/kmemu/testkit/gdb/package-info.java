/** Tests of the debugger for tests. */
@NullMarked
package dev.kmemu.testkit.gdb;

import org.jspecify.annotations.NullMarked;
