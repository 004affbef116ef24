package dev.kmemu.campaign.sched;

/** Ends a thread whose section has failed already; an error, so that nobody recovers from it. */
final class Abandoned extends Error {
  private static final long serialVersionUID = 1L;

  Abandoned() {
    super("the threads are given up", null, false, false);
  }
}
