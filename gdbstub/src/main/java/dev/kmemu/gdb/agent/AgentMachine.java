package dev.kmemu.gdb.agent;

import dev.kmemu.emulator.debug.MemoryTransfer;
import dev.kmemu.emulator.debug.StoppedCpu;
import dev.kmemu.emulator.memory.VirtualAddress;
import java.util.Objects;
import java.util.function.Consumer;

/**
 * Evaluates expressions: a stack of 64-bit integers. Keeps its stack from one evaluation to the
 * next; only for one thread.
 */
public final class AgentMachine {

  private final Consumer<String> console;
  private final byte[] word = new byte[Long.BYTES];
  private long[] stack = new long[0];
  private int depth;

  /**
   * Creates a machine.
   *
   * @param console where {@code printf} prints; called by whoever evaluates
   */
  public AgentMachine(Consumer<String> console) {
    this.console = console;
  }

  /**
   * Evaluates {@code expression} and returns the value that it leaves on top, or 0 when it leaves
   * none.
   *
   * @throws AgentFaultException when it can't be evaluated to its end
   */
  public long evaluate(AgentExpression expression, StoppedCpu cpu) {
    AgentLimits limits = expression.limits();
    if (stack.length < limits.stackDepth()) {
      stack = new long[limits.stackDepth()];
    }
    depth = 0;
    int next = 0;
    for (int step = 0; step < limits.steps(); step++) {
      Instruction instruction = expression.at(next++);
      switch (instruction.opcode()) {
        case END -> {
          return depth == 0 ? 0 : stack[depth - 1];
        }
        case GOTO -> next = (int) instruction.operand();
        case IF_GOTO -> next = pop() == 0 ? next : (int) instruction.operand();
        case PRINTF -> print(instruction, cpu, limits);
        default -> execute(instruction, cpu);
      }
    }
    throw new AgentFaultException("no end after " + limits.steps() + " instructions");
  }

  private void execute(Instruction instruction, StoppedCpu cpu) {
    long operand = instruction.operand();
    switch (instruction.opcode()) {
      case CONST8, CONST16, CONST32, CONST64 -> push(operand);
      case REG -> {
        AgentRegister register = Objects.requireNonNull(instruction.register());
        push(cpu.register(register.register()) & register.mask());
      }
      case REF8 -> push(load(cpu, pop(), 1));
      case REF16 -> push(load(cpu, pop(), Short.BYTES));
      case REF32 -> push(load(cpu, pop(), Integer.BYTES));
      case REF64 -> push(load(cpu, pop(), Long.BYTES));
      case EXT -> push(IntegerArithmetic.signExtend(pop(), (int) operand));
      case ZERO_EXT -> push(IntegerArithmetic.zeroExtend(pop(), (int) operand));
      case LOG_NOT -> push(pop() == 0 ? 1 : 0);
      case BIT_NOT -> push(~pop());
      case DUP -> push(stack[depth - 1]);
      case POP -> depth--;
      case PICK -> push(stack[depth - 1 - (int) operand]);
      case SWAP -> {
        long top = stack[depth - 1];
        stack[depth - 1] = stack[depth - 2];
        stack[depth - 2] = top;
      }
      case ROT -> {
        long top = stack[depth - 1];
        stack[depth - 1] = stack[depth - 2];
        stack[depth - 2] = stack[depth - 3];
        stack[depth - 3] = top;
      }
      default -> {
        long right = pop();
        push(IntegerArithmetic.apply(instruction.opcode(), pop(), right));
      }
    }
  }

  /** Function and channel name something of the program's own, which isn't called. */
  private void print(Instruction instruction, StoppedCpu cpu, AgentLimits limits) {
    depth -= Opcode.PRINTF.pops();
    long[] values = new long[(int) instruction.operand()];
    for (int i = 0; i < values.length; i++) {
      values[i] = pop();
    }
    PrintfFormat format = Objects.requireNonNull(instruction.format());
    console.accept(format.text(values, new GuestStrings(cpu, limits.textBytes()), limits));
  }

  private long load(StoppedCpu cpu, long address, int bytes) {
    VirtualAddress from = new VirtualAddress(address);
    MemoryTransfer transfer = cpu.read(from, word, 0, bytes);
    if (transfer instanceof MemoryTransfer.Partial partial) {
      throw new AgentFaultException("can't read " + from + ": " + partial.reason());
    }
    long value = 0;
    for (int i = bytes - 1; i >= 0; i--) {
      value = value << Byte.SIZE | (word[i] & 0xff);
    }
    return value;
  }

  private void push(long value) {
    stack[depth++] = value;
  }

  private long pop() {
    return stack[--depth];
  }
}
