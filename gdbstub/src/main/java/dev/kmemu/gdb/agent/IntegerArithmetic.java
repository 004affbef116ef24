package dev.kmemu.gdb.agent;

/** The operations on two integers, and the extensions. */
final class IntegerArithmetic {

  private IntegerArithmetic() {}

  /** Applies {@code opcode} to {@code left}, which was pushed first, and {@code right}. */
  static long apply(Opcode opcode, long left, long right) {
    return switch (opcode) {
      case ADD -> left + right;
      case SUB -> left - right;
      case MUL -> left * right;
      case DIV_SIGNED -> left / divisor(right);
      case DIV_UNSIGNED -> Long.divideUnsigned(left, divisor(right));
      case REM_SIGNED -> left % divisor(right);
      case REM_UNSIGNED -> Long.remainderUnsigned(left, divisor(right));
      case LSH -> isWholeShift(right) ? 0 : left << right;
      case RSH_SIGNED -> isWholeShift(right) ? left >> (Long.SIZE - 1) : left >> right;
      case RSH_UNSIGNED -> isWholeShift(right) ? 0 : left >>> right;
      case BIT_AND -> left & right;
      case BIT_OR -> left | right;
      case BIT_XOR -> left ^ right;
      case EQUAL -> left == right ? 1 : 0;
      case LESS_SIGNED -> left < right ? 1 : 0;
      case LESS_UNSIGNED -> Long.compareUnsigned(left, right) < 0 ? 1 : 0;
      default -> throw new IllegalArgumentException(opcode + " takes no two integers");
    };
  }

  /** Repeats bit {@code bits - 1} of {@code value} in all higher ones. */
  static long signExtend(long value, int bits) {
    int unused = Long.SIZE - bits;
    return unused <= 0 ? value : value << unused >> unused;
  }

  /** Clears all bits of {@code value} from {@code bits} on. */
  static long zeroExtend(long value, int bits) {
    int unused = Long.SIZE - bits;
    return unused <= 0 ? value : value << unused >>> unused;
  }

  private static long divisor(long value) {
    if (value == 0) {
      throw new AgentFaultException("division by zero");
    }
    return value;
  }

  /** The protocol leaves such shifts open; here every bit leaves. */
  private static boolean isWholeShift(long count) {
    return Long.compareUnsigned(count, Long.SIZE) >= 0;
  }
}
