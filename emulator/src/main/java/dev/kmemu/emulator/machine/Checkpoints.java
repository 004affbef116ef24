package dev.kmemu.emulator.machine;

import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The moments that a history can go back to, in the order of their positions. When there are too
 * many, those go first that lie closest together, measured by how long ago they were: what was just
 * now is found quickly, and the beginning stays.
 */
final class Checkpoints {

  private final HistoryLimits limits;
  private final List<Checkpoint> list = new ArrayList<>();

  Checkpoints(HistoryLimits limits) {
    this.limits = limits;
  }

  @Nullable Checkpoint first() {
    return list.isEmpty() ? null : list.get(0);
  }

  @Nullable Checkpoint last() {
    return list.isEmpty() ? null : list.get(list.size() - 1);
  }

  /** Returns the last moment before {@code position}. */
  @Nullable Checkpoint before(long position) {
    Checkpoint found = null;
    for (Checkpoint checkpoint : list) {
      if (checkpoint.position() < position) {
        found = checkpoint;
      }
    }
    return found;
  }

  /** Adds a moment behind all others, and forgets what is too much. */
  void add(Checkpoint checkpoint) {
    list.add(checkpoint);
    while (list.size() > 1 && isTooMuch()) {
      forget(leastUseful(checkpoint.position()));
    }
  }

  /** Forgets everything from {@code position} on. */
  void forgetFrom(long position) {
    while (!list.isEmpty() && list.get(list.size() - 1).position() >= position) {
      forget(list.size() - 1);
    }
  }

  /** Forgets what lies behind {@code position} and comes from a change that isn't repeated. */
  void forgetChangesAfter(long position) {
    for (Checkpoint checkpoint : list) {
      if (checkpoint.afterChange() && checkpoint.position() > position) {
        forgetFrom(checkpoint.position());
        return;
      }
    }
  }

  private boolean isTooMuch() {
    long bytes = 0;
    for (Checkpoint checkpoint : list) {
      bytes += checkpoint.snapshot().bytes();
    }
    return list.size() > limits.checkpoints() || bytes > limits.bytes();
  }

  /** The first of all can go, but nothing can be got to across a change whose moment is missing. */
  private int leastUseful(long now) {
    int least = 0;
    double lowest = Double.MAX_VALUE;
    for (int i = 1; i < list.size() - 1; i++) {
      long gap = list.get(i + 1).position() - list.get(i - 1).position();
      double use = (double) gap / (now - list.get(i).position() + limits.interval());
      if (!list.get(i).afterChange() && use < lowest) {
        lowest = use;
        least = i;
      }
    }
    return least;
  }

  private void forget(int index) {
    list.remove(index).snapshot().close();
  }
}
