package dev.kmemu.campaign.guest;

import java.util.List;

/** What the guest does at an address, in the order of the suite's operand. */
public enum AccessType {
  LOAD,
  STORE,
  FETCH;

  private static final List<AccessType> ALL = List.of(values());

  /** Returns the one with a {@link #number}. */
  public static AccessType of(int number) {
    return ALL.get(number);
  }

  /** Returns its place in the operand and in tables. */
  @SuppressWarnings("EnumOrdinal") // that is what it is for
  public int number() {
    return ordinal();
  }
}
