package dev.kmemu.vm.check;

import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Collects what a check finds. */
final class Violations {

  private final List<Violation> found = new ArrayList<>();

  void expect(String invariant, Object object, long expected, long actual) {
    if (expected != actual) {
      found.add(
          new Violation(
              invariant, object.toString(), Long.toString(expected), Long.toString(actual)));
    }
  }

  void expectAddress(String invariant, Object object, long expected, long actual) {
    if (expected != actual) {
      found.add(
          new Violation(
              invariant,
              object.toString(),
              "0x" + Long.toHexString(expected),
              "0x" + Long.toHexString(actual)));
    }
  }

  /** Demands what {@code expected} says; {@code actual} tells what there is instead. */
  void expectTrue(
      String invariant, Object object, String expected, boolean holds, @Nullable Object actual) {
    if (!holds) {
      found.add(new Violation(invariant, object.toString(), expected, String.valueOf(actual)));
    }
  }

  List<Violation> list() {
    return List.copyOf(found);
  }
}
