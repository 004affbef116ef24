package dev.kmemu.emulator.machine;

/**
 * A moment of a {@link History}.
 *
 * @param position the count of instructions
 * @param snapshot the machine
 * @param afterChange whether it can't be got to by executing from an earlier moment
 */
record Checkpoint(long position, MachineSnapshot snapshot, boolean afterChange) {}
