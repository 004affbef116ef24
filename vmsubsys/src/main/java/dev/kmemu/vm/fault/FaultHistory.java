package dev.kmemu.vm.fault;

import dev.kmemu.vm.kern.StateExchange;
import java.util.ArrayList;
import java.util.List;

/** The last page faults of the guest. Recording one allocates nothing. Thread-safe. */
public final class FaultHistory {

  /** The longest history that may be asked for. */
  public static final int MAX_LENGTH = 1 << 20;

  /** A fault: the address in CR2, the error code, RIP, and how it ended. */
  public record Fault(long va, int errorCode, long rip, FaultOutcome outcome) {}

  private static final FaultOutcome[] OUTCOMES = FaultOutcome.values();

  private final long[] vas;
  private final long[] rips;
  private final int[] errorCodes;
  private final FaultOutcome[] outcomes;
  private long recorded;

  /**
   * Creates an empty history.
   *
   * @param length how many faults are kept, 1 to {@link #MAX_LENGTH}
   */
  public FaultHistory(int length) {
    if (length < 1 || length > MAX_LENGTH) {
      throw new IllegalArgumentException(
          "fault history length must be 1 to " + MAX_LENGTH + ", got " + length);
    }
    vas = new long[length];
    rips = new long[length];
    errorCodes = new int[length];
    outcomes = new FaultOutcome[length];
  }

  /** Records a fault over the oldest one. */
  public synchronized void record(long va, int errorCode, long rip, FaultOutcome outcome) {
    int at = (int) (recorded++ % vas.length);
    vas[at] = va;
    rips[at] = rip;
    errorCodes[at] = errorCode;
    outcomes[at] = outcome;
  }

  /** Returns how many faults were ever recorded. */
  public synchronized long recorded() {
    return recorded;
  }

  /** Returns the faults that are kept, oldest first. */
  public synchronized List<Fault> recent() {
    List<Fault> faults = new ArrayList<>();
    for (long i = Math.max(0, recorded - vas.length); i < recorded; i++) {
      int at = (int) (i % vas.length);
      faults.add(new Fault(vas[at], errorCodes[at], rips[at], outcomes[at]));
    }
    return List.copyOf(faults);
  }

  /** Returns the number of faults that are kept. */
  public int length() {
    return vas.length;
  }

  /** Exchanges the faults with a snapshot of a history of the same length. */
  @SuppressWarnings("EnumOrdinal") // null is possible
  public synchronized void exchange(StateExchange state) {
    recorded = state.exchange(recorded);
    int kept = (int) Math.min(recorded, vas.length);
    for (int i = 0; i < kept; i++) {
      vas[i] = state.exchange(vas[i]);
      rips[i] = state.exchange(rips[i]);
      errorCodes[i] = state.exchange(errorCodes[i]);
      outcomes[i] = OUTCOMES[state.exchange(state.isSaving() ? outcomes[i].ordinal() : 0)];
    }
  }
}
