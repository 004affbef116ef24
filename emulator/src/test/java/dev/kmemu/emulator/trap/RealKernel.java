package dev.kmemu.emulator.trap;

import dev.kmemu.emulator.boot.EntryState;
import dev.kmemu.emulator.cpu.Register;
import dev.kmemu.emulator.cpu.SegmentRegister;

/** A CPU in real mode; each vector goes to its handler in segment {@link #HANDLER_SEGMENT}. */
final class RealKernel extends GuestCpu {

  static final int SEGMENT = 0x1000;
  static final int OFFSET = 0x0100;
  static final long CODE = 0x1_0100;
  static final int STACK_SEGMENT = 0x2000;
  static final int SP = 0x8000;
  static final int HANDLER_SEGMENT = 0x3000;

  RealKernel(String hex) {
    for (int vector = 0; vector < 256; vector++) {
      vector(vector, HANDLER_SEGMENT, vector * HANDLER_BYTES);
    }
    new EntryState.Real(SEGMENT, OFFSET).apply(cpu);
    cpu.state()
        .load(
            SegmentRegister.SS,
            STACK_SEGMENT,
            (long) STACK_SEGMENT << 4,
            cpu.state().limit(SegmentRegister.SS),
            cpu.state().attributes(SegmentRegister.SS));
    set(Register.RSP, SP);
    code(CODE, hex);
  }

  void vector(int vector, int segment, int offset) {
    store16(vector * 4L, offset);
    store16(vector * 4L + 2, segment);
  }

  /** Returns a word of the stack. */
  int onStack(int index) {
    return load16(((long) STACK_SEGMENT << 4) + ((get(Register.RSP) + 2L * index) & 0xFFFF));
  }
}
