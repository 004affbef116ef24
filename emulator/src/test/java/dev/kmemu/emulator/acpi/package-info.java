@NullMarked
package dev.kmemu.emulator.acpi;

import org.jspecify.annotations.NullMarked;
