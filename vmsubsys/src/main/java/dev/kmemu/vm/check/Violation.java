package dev.kmemu.vm.check;

/**
 * A broken invariant.
 *
 * @param invariant its short name, such as P4
 * @param object what it is broken for
 * @param expected what it demands
 * @param actual what was found
 */
public record Violation(String invariant, String object, String expected, String actual) {

  @Override
  public String toString() {
    return invariant + ": " + object + ": expected " + expected + ", found " + actual;
  }
}
