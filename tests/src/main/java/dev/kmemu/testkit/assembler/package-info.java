/**
 * A small assembler of x86-64 for guest programs in tests: a method for each instruction, typed
 * registers, memory operands and labels. {@link dev.kmemu.testkit.assembler.Assembler} is where to
 * begin.
 */
@NullMarked
package dev.kmemu.testkit.assembler;

import org.jspecify.annotations.NullMarked;
