/** Tests of the processor's model. */
@NullMarked
package dev.kmemu.emulator.model;

import org.jspecify.annotations.NullMarked;
