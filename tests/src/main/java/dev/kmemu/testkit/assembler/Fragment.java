package dev.kmemu.testkit.assembler;

import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** An instruction or data of a program, whose distances to labels aren't known yet. */
final class Fragment {

  private static final int NO_FIXUP = -1;

  private final String text;
  private final byte[] code;
  private final @Nullable Label target;
  private final int fixup;
  private final int shortOpcode;

  private Fragment(String text, byte[] code, @Nullable Label target, int fixup, int shortOpcode) {
    this.text = text;
    this.code = code;
    this.target = target;
    this.fixup = fixup;
    this.shortOpcode = shortOpcode;
  }

  static Fragment of(String text, byte[] code) {
    return new Fragment(text, code, null, NO_FIXUP, 0);
  }

  /** Makes one that holds the distance from its end to a label, 32 bits at {@code fixup}. */
  static Fragment relative(String text, byte[] code, Label target, int fixup) {
    return new Fragment(text, code, target, fixup, 0);
  }

  /** Makes a branch, which is shorter when its label is near. */
  static Fragment branch(String text, byte[] code, Label target, int shortOpcode) {
    return new Fragment(text, code, target, code.length - Integer.BYTES, shortOpcode);
  }

  String text() {
    return text;
  }

  byte[] code() {
    return code;
  }

  boolean hasTarget() {
    return target != null;
  }

  Label target() {
    return Objects.requireNonNull(target);
  }

  int fixup() {
    return fixup;
  }

  boolean hasShortForm() {
    return shortOpcode != 0;
  }

  int shortOpcode() {
    return shortOpcode;
  }
}
