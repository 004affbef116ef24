package dev.kmemu.cli.terminal;

import dev.kmemu.emulator.pc.Keystroke;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Which keys of a US keyboard make what a terminal sends: characters, control characters and the
 * escape sequences of xterm (ctlseqs, "PC-Style Function Keys"). What no key makes is dropped.
 */
public final class UsKeys {

  private static final int ESCAPE = 0x1B;
  private static final int ESCAPE_KEY = 0x01;
  private static final int ENTER = 0x1C;
  private static final int TAB = 0x0F;
  private static final int BACKSPACE = 0x0E;
  private static final int SPACE = 0x39;
  private static final int DELETE = 0x7F;
  private static final int E0 = 0x100;
  private static final Pattern SEQUENCE =
      Pattern.compile("\033[\\[O](\\d{0,2})(?:;(\\d))?([A-Za-z~])");

  private static final Map<Character, Keystroke> CHARACTERS = new HashMap<>();

  /** By the last letter of a sequence, ESC [ A or ESC O A. */
  private static final Map<Character, Integer> LETTERS =
      Map.of(
          'A', E0 | 0x48, 'B', E0 | 0x50, 'C', E0 | 0x4D, 'D', E0 | 0x4B, 'H', E0 | 0x47, 'F',
          E0 | 0x4F, 'P', 0x3B, 'Q', 0x3C, 'R', 0x3D, 'S', 0x3E);

  /** By the number of a sequence, as in ESC [ 5 ~; 0 for none. */
  private static final int[] NUMBERS = {
    0, E0 | 0x47, E0 | 0x52, E0 | 0x53, E0 | 0x4F, E0 | 0x49, E0 | 0x51, 0, 0, 0, 0, 0x3B, 0x3C,
    0x3D, 0x3E, 0x3F, 0, 0x40, 0x41, 0x42, 0x43, 0x44, 0, 0x57, 0x58
  };

  static {
    row(0x29, "`", "~");
    row(0x02, "1234567890-=", "!@#$%^&*()_+");
    row(0x10, "qwertyuiop[]", "QWERTYUIOP{}");
    row(0x1E, "asdfghjkl;'", "ASDFGHJKL:\"");
    row(0x2B, "\\", "|");
    row(0x2C, "zxcvbnm,./", "ZXCVBNM<>?");
    row(SPACE, " ", "");
  }

  private UsKeys() {}

  private static void row(int first, String plain, String shifted) {
    for (int i = 0; i < plain.length(); i++) {
      CHARACTERS.put(plain.charAt(i), new Keystroke(first + i, 0));
    }
    for (int i = 0; i < shifted.length(); i++) {
      CHARACTERS.put(shifted.charAt(i), new Keystroke(first + i, Keystroke.SHIFT));
    }
  }

  /**
   * Returns the keys of what a terminal has sent in one piece, in which an escape sequence is
   * whole: an ESC that nothing follows is the key Esc.
   */
  public static List<Keystroke> of(String text) {
    List<Keystroke> keys = new ArrayList<>();
    Matcher sequence = SEQUENCE.matcher(text);
    for (int at = 0; at < text.length(); ) {
      if (sequence.region(at, text.length()).lookingAt()) {
        addSequence(sequence, keys);
        at = sequence.end();
      } else if (text.charAt(at) != ESCAPE) {
        add(text.charAt(at++), 0, keys);
      } else if (at + 1 == text.length() || text.charAt(at + 1) == ESCAPE) {
        keys.add(new Keystroke(ESCAPE_KEY, 0));
        at++;
      } else {
        add(text.charAt(at + 1), Keystroke.ALT, keys);
        at += 2;
      }
    }
    return keys;
  }

  private static void add(char character, int modifiers, List<Keystroke> keys) {
    int key =
        switch (character) {
          case '\r', '\n' -> ENTER;
          case '\t' -> TAB;
          case '\b', DELETE -> BACKSPACE;
          default -> 0;
        };
    if (key != 0) {
      keys.add(new Keystroke(key, modifiers));
      return;
    }
    boolean control = character > 0 && character <= 'z' - 'a' + 1;
    Keystroke stroke = CHARACTERS.get(control ? (char) ('a' + character - 1) : character);
    if (stroke != null) {
      int more = modifiers | (control ? Keystroke.CONTROL : 0);
      keys.add(new Keystroke(stroke.key(), stroke.modifiers() | more));
    }
  }

  private static void addSequence(Matcher sequence, List<Keystroke> keys) {
    int number = sequence.group(1).isEmpty() ? 0 : Integer.parseInt(sequence.group(1));
    char last = sequence.group(3).charAt(0);
    int key = LETTERS.getOrDefault(last, 0);
    if (last == '~') {
      key = number < NUMBERS.length ? NUMBERS[number] : 0;
    }
    if (key != 0) {
      keys.add(new Keystroke(key, modifiers(sequence.group(2))));
    }
  }

  /** xterm's number is 1 more than the sum of 1 for Shift, 2 for Alt and 4 for Control. */
  private static int modifiers(@Nullable String number) {
    int bits = number == null ? 0 : Math.max(0, Integer.parseInt(number) - 1);
    return ((bits & 1) != 0 ? Keystroke.SHIFT : 0)
        | ((bits & 2) != 0 ? Keystroke.ALT : 0)
        | ((bits & 4) != 0 ? Keystroke.CONTROL : 0);
  }
}
