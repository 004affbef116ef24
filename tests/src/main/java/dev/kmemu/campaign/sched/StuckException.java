package dev.kmemu.campaign.sched;

import java.util.List;

/** No thread can go on, or they go on for ever. */
public final class StuckException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  private final String check;
  private final String[] waits;

  StuckException(String check, List<String> waits) {
    super(String.join("; ", waits));
    this.check = check;
    this.waits = waits.toArray(String[]::new);
  }

  /** Returns {@code deadlock} or {@code livelock}. */
  public String check() {
    return check;
  }

  /** Returns a line for each thread: what it waits for, and who has that. */
  public List<String> waits() {
    return List.of(waits);
  }
}
