/** Tests of devices that misbehave on purpose. */
@NullMarked
package dev.kmemu.emulator.fault;

import org.jspecify.annotations.NullMarked;
