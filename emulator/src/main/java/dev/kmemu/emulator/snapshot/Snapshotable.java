package dev.kmemu.emulator.snapshot;

/**
 * A part of a machine with a state of its own. All methods are called on the CPU's thread while it
 * executes nothing.
 */
public interface Snapshotable {

  /** Returns the name of its section, the only one of its machine: letters, digits, '.' and '-'. */
  String snapshotName();

  /** Returns the version of what {@link Captured#write} writes, from 1 on. */
  int snapshotVersion();

  /**
   * Captures the state.
   *
   * @throws SnapshotException when it can't be captured at the moment, naming who is in the way
   */
  Captured capture();

  /**
   * Reads what was written, and verifies it without changing anything.
   *
   * @param version at most {@link #snapshotVersion}
   * @throws SnapshotException when it isn't a state that can be restored
   */
  Captured read(int version, StateReader in);

  /** A captured state. Immutable. */
  interface Captured {

    /**
     * Throws when the state can't be restored at the moment.
     *
     * @throws SnapshotException naming who is in the way
     */
    default void requireRestorable() {}

    /** Goes back to the state; fails only when {@link #requireRestorable} would. */
    void restore();

    /** Writes the state: the same bytes for the same state. */
    void write(StateWriter out);
  }
}
