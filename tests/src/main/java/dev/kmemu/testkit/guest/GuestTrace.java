package dev.kmemu.testkit.guest;

import dev.kmemu.emulator.memory.VirtualAddress;
import dev.kmemu.vm.pmap.Pmap;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** The last things that a test's guest did. Thread-safe. */
public final class GuestTrace {

  private static final int KEPT = 16;

  /**
   * The address that was used last.
   *
   * @param address where
   * @param pmap in which address space
   */
  public record Place(VirtualAddress address, Pmap pmap) {

    /** Returns the place of a plain address. */
    public static Place of(long va, Pmap pmap) {
      return new Place(new VirtualAddress(va), pmap);
    }
  }

  private final Deque<String> lines = new ArrayDeque<>();
  private @Nullable Place last;

  GuestTrace() {}

  synchronized void add(String line, VirtualAddress address, Pmap pmap) {
    if (lines.size() == KEPT) {
      lines.removeFirst();
    }
    lines.addLast(line);
    last = new Place(address, pmap);
  }

  synchronized void clear() {
    lines.clear();
    last = null;
  }

  /** Returns the last accesses and runs, oldest first, one line each. */
  public synchronized List<String> lines() {
    return List.copyOf(lines);
  }

  /** Returns the address that was used last. */
  public synchronized Optional<Place> lastPlace() {
    return Optional.ofNullable(last);
  }
}
