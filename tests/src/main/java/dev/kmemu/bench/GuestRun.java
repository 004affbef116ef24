package dev.kmemu.bench;

/**
 * One run of a kernel.
 *
 * @param nanos CPU time in nanoseconds
 * @param result RAX at its end, or what the run counted
 */
record GuestRun(long nanos, long result) {}
