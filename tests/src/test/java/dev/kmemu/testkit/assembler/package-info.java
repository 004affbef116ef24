/** Tests of the assembler, most of them against GNU {@code as}. */
@NullMarked
package dev.kmemu.testkit.assembler;

import org.jspecify.annotations.NullMarked;
