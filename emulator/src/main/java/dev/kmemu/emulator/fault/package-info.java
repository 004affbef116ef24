/** Devices that misbehave on purpose: what drivers do then can be tested. */
@NullMarked
package dev.kmemu.emulator.fault;

import org.jspecify.annotations.NullMarked;
