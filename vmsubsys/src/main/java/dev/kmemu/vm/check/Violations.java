package dev.kmemu.vm.check;

import java.util.ArrayList;
import java.util.List;

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

  void expectTrue(String invariant, Object object, String expected, boolean holds) {
    if (!holds) {
      found.add(new Violation(invariant, object.toString(), expected, "not so"));
    }
  }

  List<Violation> list() {
    return List.copyOf(found);
  }
}
