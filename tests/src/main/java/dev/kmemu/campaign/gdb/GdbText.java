package dev.kmemu.campaign.gdb;

import java.util.HexFormat;
import java.util.List;

/** What packets and answers of the gdb suite look like; GDB manual, appendix E. */
final class GdbText {

  /** Kinds of answers, for coverage. */
  static final List<String> ANSWERS = List.of("data", "OK", "error", "empty", "stop");

  /** Where the loop lies. */
  static final long CODE = 0x40_0000;

  /** The number of RIP. */
  static final int RIP = 16;

  private static final int REGISTER_DIGITS = 16;
  private static final int SHOWN = 8;

  /** Packets that ask for nothing: what they do is an empty answer or an error. */
  static final List<String> NONSENSE =
      List.of(
          "m",
          "m0",
          "m0,",
          "mzz,1",
          "m0,ffffffffffffffffff",
          "M0,1:",
          "M0,2:00",
          "Mx,1:00",
          "P",
          "P0",
          "P999=00000000",
          "P0=zz",
          "p",
          "pfff",
          "Z",
          "Z9,0,1",
          "Z0,zz,1",
          "z0",
          "vNothing",
          "qNothing",
          "QNothing",
          "X0,4:a",
          "_",
          "H",
          "Hx1",
          "i",
          "G00",
          "A1,2",
          "B");

  private GdbText() {}

  /** Returns of all registers those that the model has. */
  static String shortened(String all) {
    int rip = RIP * REGISTER_DIGITS;
    return all.length() < rip + REGISTER_DIGITS
        ? all
        : all.substring(0, REGISTER_DIGITS * SHOWN)
            + " rip "
            + all.substring(rip, rip + REGISTER_DIGITS);
  }

  /** Returns the number of an answer's kind. */
  static int answer(String reply) {
    if (reply.isEmpty()) {
      return ANSWERS.indexOf("empty");
    }
    return switch (reply.charAt(0)) {
      case 'O' -> ANSWERS.indexOf("OK");
      case 'E' -> ANSWERS.indexOf("error");
      case 'T', 'S' -> ANSWERS.indexOf("stop");
      default -> ANSWERS.indexOf("data");
    };
  }

  /** Returns the packet that inserts or removes a breakpoint. */
  static String breakpoint(String letter, int kind, int instruction) {
    return String.format("%s%d,%x,1", letter, kind, CODE + GdbModel.offset(instruction));
  }

  /** Returns a register's value as packets write it, zero-extended. */
  static String littleEndian(int value) {
    return HexFormat.of().toHexDigits(Long.reverseBytes(Integer.toUnsignedLong(value)));
  }
}
