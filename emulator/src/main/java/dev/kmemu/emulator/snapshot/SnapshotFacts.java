package dev.kmemu.emulator.snapshot;

/**
 * What a file says of the machine it was taken from.
 *
 * @param ramSize in bytes
 * @param engine the CPU engine's name, for a person
 */
public record SnapshotFacts(long ramSize, String engine) {}
