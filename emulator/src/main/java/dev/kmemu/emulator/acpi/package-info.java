/** The ACPI tables of a PC, as bytes. */
@NullMarked
package dev.kmemu.emulator.acpi;

import org.jspecify.annotations.NullMarked;
