package dev.kmemu.testkit.assembler;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.List;

/**
 * Places fragments. Every branch begins short and is made long when its label turns out to be too
 * far, until none is.
 */
final class CodeLayout {

  private static final int SHORT_BRANCH_BYTES = 2;

  private final List<Fragment> fragments;
  private final boolean[] isShort;
  private final int[] starts;

  CodeLayout(List<Fragment> fragments) {
    this.fragments = fragments;
    isShort = new boolean[fragments.size()];
    starts = new int[fragments.size() + 1];
    for (int i = 0; i < isShort.length; i++) {
      Fragment fragment = fragments.get(i);
      isShort[i] = fragment.hasShortForm();
      requireBound(fragment);
    }
    do {
      place();
    } while (lengthen());
  }

  private static void requireBound(Fragment fragment) {
    if (fragment.hasTarget() && !fragment.target().isBound()) {
      throw new AssemblerException(
          fragment.text(),
          "the label " + fragment.target() + " is bound nowhere: call bind(label) at its place");
    }
  }

  private void place() {
    for (int i = 0; i < isShort.length; i++) {
      int length = isShort[i] ? SHORT_BRANCH_BYTES : fragments.get(i).code().length;
      starts[i + 1] = starts[i] + length;
    }
  }

  private boolean lengthen() {
    boolean changed = false;
    for (int i = 0; i < isShort.length; i++) {
      int distance = isShort[i] ? distance(i) : 0;
      if (distance != (byte) distance) {
        isShort[i] = false;
        changed = true;
      }
    }
    return changed;
  }

  private int distance(int number) {
    return starts[fragments.get(number).target().fragment()] - starts[number + 1];
  }

  /** Returns the offset of a fragment, or of the program's end. */
  int start(int number) {
    return starts[number];
  }

  byte[] code() {
    ByteBuffer code = ByteBuffer.allocate(starts[isShort.length]).order(ByteOrder.LITTLE_ENDIAN);
    for (int i = 0; i < isShort.length; i++) {
      Fragment fragment = fragments.get(i);
      if (isShort[i]) {
        code.put((byte) fragment.shortOpcode()).put((byte) distance(i));
      } else {
        code.put(fragment.code());
        if (fragment.hasTarget()) {
          code.putInt(starts[i] + fragment.fixup(), storedDistance(i));
        }
      }
    }
    return code.array();
  }

  /** A memory operand's displacement has been stored already and counts too. */
  private int storedDistance(int number) {
    Fragment fragment = fragments.get(number);
    int stored =
        ByteBuffer.wrap(fragment.code()).order(ByteOrder.LITTLE_ENDIAN).getInt(fragment.fixup());
    return stored + distance(number);
  }
}
