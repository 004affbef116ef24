package dev.kmemu.emulator.acpi;

/**
 * Where a device is that ACPI has to tell of.
 *
 * @param address its first address, below 4 GiB
 * @param bytes how many it answers
 * @param line its interrupt, level-triggered and active high
 */
public record MmioResource(long address, int bytes, int line) {}
