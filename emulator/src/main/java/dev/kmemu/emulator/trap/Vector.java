package dev.kmemu.emulator.trap;

/** The vectors that delivery itself raises or asks for. */
final class Vector {

  static final int DIVIDE_ERROR = 0;
  static final int DOUBLE_FAULT = 8;
  static final int INVALID_TSS = 10;
  static final int SEGMENT_NOT_PRESENT = 11;
  static final int STACK_FAULT = 12;
  static final int GENERAL_PROTECTION = 13;
  static final int PAGE_FAULT = 14;

  private Vector() {}

  /** Whether two of its class make a double fault (Intel SDM vol. 3A, table 6-5). */
  static boolean isContributory(int vector) {
    return vector == DIVIDE_ERROR || (vector >= INVALID_TSS && vector <= GENERAL_PROTECTION);
  }

  /** Whether {@code second}, raised while {@code first} was delivered, is a double fault. */
  static boolean makesDoubleFault(int first, int second) {
    return isContributory(first)
        ? isContributory(second)
        : first == PAGE_FAULT && (second == PAGE_FAULT || isContributory(second));
  }
}
