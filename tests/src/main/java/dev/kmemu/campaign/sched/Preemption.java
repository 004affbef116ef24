package dev.kmemu.campaign.sched;

/**
 * A switch from a thread that could go on.
 *
 * @param thread the number of the thread that stops, from 0
 * @param point at which of its scheduling points, from 1
 * @param next the thread that goes on, if it can
 */
public record Preemption(int thread, int point, int next) {}
