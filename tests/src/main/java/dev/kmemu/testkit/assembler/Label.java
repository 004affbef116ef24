package dev.kmemu.testkit.assembler;

/**
 * A place in a program, made by {@link Assembler#label} and put somewhere by {@link
 * Assembler#bind}.
 */
public final class Label {

  private static final int UNBOUND = -1;

  private final String name;
  private int fragment = UNBOUND;

  Label(String name) {
    this.name = name;
  }

  /** Returns its name. */
  public String name() {
    return name;
  }

  boolean isBound() {
    return fragment != UNBOUND;
  }

  /** Returns the number of the fragment that it stands before. */
  int fragment() {
    return fragment;
  }

  void bindBefore(int number) {
    fragment = number;
  }

  @Override
  public String toString() {
    return name;
  }
}
