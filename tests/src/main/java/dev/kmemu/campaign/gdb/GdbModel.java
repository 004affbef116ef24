package dev.kmemu.campaign.gdb;

/**
 * A machine in a loop of four instructions, as a debugger must see it: {@code inc eax; inc ebx;
 * nop; jmp}.
 */
final class GdbModel {

  static final int MEMORY_BYTES = 256;
  static final int INSTRUCTIONS = 4;

  private static final int EAX = 0;
  private static final int EBX = 1;
  private static final int REGISTERS = 8;
  private static final int[] OFFSETS = {0, 1, 2, 3};

  final byte[] memory = new byte[MEMORY_BYTES];
  final int[] registers = new int[REGISTERS];

  /** Whether there is a breakpoint at an instruction, by its kind. */
  final boolean[][] breakpoints = new boolean[2][INSTRUCTIONS];

  private int instruction;

  /** Returns the offset of an instruction in the loop's code. */
  static int offset(int number) {
    return OFFSETS[number];
  }

  /** Returns the number of the instruction at EIP. */
  int instruction() {
    return instruction;
  }

  void step() {
    if (instruction == 0) {
      registers[EAX]++;
    } else if (instruction == 1) {
      registers[EBX]++;
    }
    instruction = (instruction + 1) % INSTRUCTIONS;
  }

  boolean hasBreakpoint() {
    for (int i = 0; i < INSTRUCTIONS; i++) {
      if (stopsAt(i)) {
        return true;
      }
    }
    return false;
  }

  /** Runs to the next breakpoint; the one at EIP is passed over. */
  void proceed() {
    do {
      step();
    } while (!stopsAt(instruction));
  }

  private boolean stopsAt(int number) {
    return breakpoints[0][number] || breakpoints[1][number];
  }
}
