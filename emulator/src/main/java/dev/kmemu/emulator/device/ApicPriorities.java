package dev.kmemu.emulator.device;

import java.util.ArrayList;
import java.util.List;

/**
 * Which interrupt of a local APIC comes next: IRR, ISR, TMR, and the priorities that follow from
 * them and TPR (Intel SDM vol. 3A, 10.8). Not safe for threads by itself.
 */
final class ApicPriorities {

  /** What {@link #next} and {@link #end} return when there is none. */
  static final int NONE = ApicVectors.NONE;

  /** Number of values that {@link #save} writes. */
  static final int STATE = 3 * ApicVectors.STATE + 1;

  private static final int CLASS = 0xF0;

  private final ApicVectors requested = new ApicVectors();
  private final ApicVectors inService = new ApicVectors();
  private final ApicVectors level = new ApicVectors();
  private int taskPriority;

  void clear() {
    requested.clear();
    inService.clear();
    level.clear();
    taskPriority = 0;
  }

  void request(int vector, boolean isLevel) {
    requested.add(vector);
    if (isLevel) {
      level.add(vector);
    } else {
      level.remove(vector);
    }
  }

  /** Returns the vector that may interrupt what runs now. */
  int next() {
    int vector = requested.highest();
    return vector != NONE && (vector & CLASS) > (processorPriority() & CLASS) ? vector : NONE;
  }

  void begin(int vector) {
    requested.remove(vector);
    inService.add(vector);
  }

  /** Ends what is served, the highest first, and returns its vector. */
  int end() {
    int vector = inService.highest();
    if (vector != NONE) {
      inService.remove(vector);
    }
    return vector;
  }

  boolean isLevel(int vector) {
    return level.has(vector);
  }

  int taskPriority() {
    return taskPriority;
  }

  void setTaskPriority(int priority) {
    taskPriority = priority;
  }

  /** Returns PPR: 10.8.3.1. */
  int processorPriority() {
    int served = Math.max(0, inService.highest()) & CLASS;
    return (taskPriority & CLASS) >= served ? taskPriority : served;
  }

  /** Returns the vectors of the set whose first register this is, in ascending order. */
  List<Integer> list(int first) {
    List<Integer> vectors = new ArrayList<>();
    for (int vector = 0; vector < 256; vector++) {
      if ((register(first + vector / 32) & 1 << vector % 32) != 0) {
        vectors.add(vector);
      }
    }
    return vectors;
  }

  /** Returns 32 vectors of ISR (0 to 7), TMR (8 to 15) or IRR (16 to 23). */
  int register(int number) {
    ApicVectors set = number < 8 ? inService : number < 16 ? level : requested;
    return set.register(number & 7);
  }

  void save(long[] state, int at) {
    requested.save(state, at);
    inService.save(state, at + ApicVectors.STATE);
    level.save(state, at + 2 * ApicVectors.STATE);
    state[at + STATE - 1] = taskPriority;
  }

  void restore(long[] state, int at) {
    requested.restore(state, at);
    inService.restore(state, at + ApicVectors.STATE);
    level.restore(state, at + 2 * ApicVectors.STATE);
    taskPriority = (int) state[at + STATE - 1] & 0xFF;
  }
}
