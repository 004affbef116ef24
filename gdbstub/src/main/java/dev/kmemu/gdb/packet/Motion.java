package dev.kmemu.gdb.packet;

import dev.kmemu.emulator.debug.ResumeKind;
import dev.kmemu.emulator.memory.VirtualAddress;

/** What an action of {@code vCont} lets a thread do. */
public sealed interface Motion {

  /** {@code c}, {@code C}, {@code s} or {@code S}. */
  record Resume(ResumeKind kind) implements Motion {}

  /**
   * {@code r start,end}: step until RIP is outside, but once at least.
   *
   * @param end the first address outside
   */
  record StepRange(VirtualAddress start, VirtualAddress end) implements Motion {

    /** Whether a CPU at {@code address} steps on. */
    public boolean includes(VirtualAddress address) {
      return Long.compareUnsigned(address.minus(start), end.minus(start)) < 0;
    }
  }

  /** {@code t}: stop. */
  record Stop() implements Motion {}

  /** Reads one action, its signal included, which is dropped. */
  static Motion read(PacketReader in) throws MalformedPacketException {
    char letter = in.letter("an action");
    switch (letter) {
      case 'c', 's' -> {
        return new Resume(kind(letter));
      }
      case 'C', 'S' -> {
        in.count("a signal");
        return new Resume(kind(letter));
      }
      case 'r' -> {
        VirtualAddress start = in.address();
        in.expect(',');
        return new StepRange(start, in.address());
      }
      case 't' -> {
        return new Stop();
      }
      default -> throw in.malformed("one of the actions c, C, s, S, r and t, not " + letter + ",");
    }
  }

  private static ResumeKind kind(char letter) {
    return letter == 'c' || letter == 'C' ? ResumeKind.CONTINUE : ResumeKind.STEP;
  }
}
