package dev.kmemu.gdb.agent;

import dev.kmemu.gdb.wire.Payload;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/** Reads the bytes of an expression as instructions. */
final class AgentDecoder {

  private final Payload bytes;
  private final AgentRegister.Numbering registers;
  private int position;

  AgentDecoder(Payload bytes, AgentRegister.Numbering registers) {
    this.bytes = bytes;
    this.registers = registers;
  }

  /** Returns the instructions in their order, jumps by index. */
  List<Instruction> decode() throws BadAgentCodeException {
    List<Instruction> code = new ArrayList<>();
    int[] indexAt = new int[bytes.length()];
    java.util.Arrays.fill(indexAt, -1);
    while (position < bytes.length()) {
      indexAt[position] = code.size();
      code.add(next());
    }
    for (int i = 0; i < code.size(); i++) {
      Instruction instruction = code.get(i);
      if (instruction.isJump()) {
        int target = (int) instruction.operand();
        if (target >= indexAt.length || indexAt[target] < 0) {
          throw new BadAgentCodeException(
              instruction + " goes to byte " + target + ", where no instruction begins");
        }
        code.set(i, instruction.withOperand(indexAt[target]));
      }
    }
    return code;
  }

  private Instruction next() throws BadAgentCodeException {
    int offset = position;
    int number = bytes.at(position++);
    @Nullable Opcode opcode = Opcode.of(number);
    if (opcode == null) {
      throw new BadAgentCodeException(
          String.format("opcode 0x%02x at byte %d isn't known", number, offset));
    }
    if (!opcode.isServed()) {
      throw new BadAgentCodeException(
          opcode.name().toLowerCase(Locale.ROOT)
              + " at byte "
              + offset
              + " isn't served: only integers, no tracing and no trace variables");
    }
    long operand = number(opcode.operandBytes(), offset);
    AgentRegister register = opcode == Opcode.REG ? register((int) operand, offset) : null;
    PrintfFormat format = opcode == Opcode.PRINTF ? format((int) operand, offset) : null;
    if ((opcode == Opcode.EXT || opcode == Opcode.ZERO_EXT) && operand == 0) {
      throw new BadAgentCodeException("an extension from 0 bits at byte " + offset);
    }
    return new Instruction(offset, opcode, operand, register, format);
  }

  private AgentRegister register(int number, int offset) throws BadAgentCodeException {
    return registers
        .register(number)
        .orElseThrow(
            () ->
                new BadAgentCodeException(
                    "reg at byte "
                        + offset
                        + ": no register "
                        + number
                        + " of at most 64 bits; see target.xml"));
  }

  /** Two bytes of length, the text, and a zero that the length includes. */
  private PrintfFormat format(int arguments, int offset) throws BadAgentCodeException {
    int length = (int) number(2, offset);
    need(length, offset);
    int end = position + length;
    if (length == 0 || bytes.at(end - 1) != 0) {
      throw new BadAgentCodeException("printf at byte " + offset + ": no zero ends the format");
    }
    String text = new String(bytes.bytes(position, end - 1), StandardCharsets.UTF_8);
    position = end;
    PrintfFormat format = PrintfFormat.parse(text);
    if (format.arguments() != arguments) {
      throw new BadAgentCodeException(
          "printf at byte "
              + offset
              + ": the format takes "
              + format.arguments()
              + " values, not "
              + arguments);
    }
    return format;
  }

  private long number(int size, int offset) throws BadAgentCodeException {
    need(size, offset);
    long value = 0;
    for (int i = 0; i < size; i++) {
      value = value << Byte.SIZE | bytes.at(position++);
    }
    return value;
  }

  private void need(int size, int offset) throws BadAgentCodeException {
    if (size > bytes.length() - position) {
      throw new BadAgentCodeException("the instruction at byte " + offset + " is cut off");
    }
  }
}
