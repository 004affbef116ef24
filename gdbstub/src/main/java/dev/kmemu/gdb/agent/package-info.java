/**
 * The bytecode by which a debugger hands over conditions and commands of breakpoints (GDB manual,
 * The GDB Agent Expression Mechanism).
 */
@NullMarked
package dev.kmemu.gdb.agent;

import org.jspecify.annotations.NullMarked;
