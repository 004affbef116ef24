package dev.kmemu.emulator.pc;

/**
 * A key, and what is held with it.
 *
 * @param key its code in set 1, 1 to 0x7F, with 0x100 for those that E0 precedes
 * @param modifiers {@link #SHIFT}, {@link #CONTROL} and {@link #ALT}
 */
public record Keystroke(int key, int modifiers) {

  /** The left shift key. */
  public static final int SHIFT = 1;

  /** The left control key. */
  public static final int CONTROL = 2;

  /** The left Alt key. */
  public static final int ALT = 4;

  /** Refuses what no keyboard has. */
  public Keystroke {
    int code = key & ~0x100;
    if (code < 1 || code > 0x7F || (modifiers & ~(SHIFT | CONTROL | ALT)) != 0) {
      throw new IllegalArgumentException(
          String.format("no key 0x%x with the modifiers 0x%x", key, modifiers));
    }
  }
}
