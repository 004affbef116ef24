package dev.kmemu.emulator.unicorn;

import com.sun.jna.Function;
import com.sun.jna.Memory;
import com.sun.jna.NativeLibrary;
import com.sun.jna.Pointer;

/**
 * Where two fields of QEMU's CPU structure lie that no context holds: the interrupts that wait, and
 * the pointer to the counter that translated code looks at before each block.
 *
 * <p>No header tells, but the library exports two functions that write them and touch nothing else
 * of consequence. They are called once with memory that isn't a CPU at all, to see where they
 * write; {@link InterceptProbe} proves the effect on a real one.
 *
 * @param interruptRequest bytes from the CPU to its waiting interrupts, 32 bits
 * @param counterPointer bytes from the CPU to the pointer to the counter
 */
record CpuStructure(int interruptRequest, int counterPointer) {

  /** Bytes from the counter to its high half, which ends translated code when it is negative. */
  static final int COUNTER_HIGH = 2;

  private static final String RESET_INTERRUPT = "cpu_reset_interrupt";
  private static final String EXIT = "cpu_exit";
  private static final int BYTES = 1 << 17;
  private static final int STRIDE = 16;

  /** Finds the fields. */
  static CpuStructure find(NativeLibrary library) {
    try (Memory cpu = new Memory(BYTES);
        Memory counters = new Memory((long) BYTES / Long.BYTES * STRIDE)) {
      cpu.setMemory(0, BYTES, (byte) -1);
      function(library, RESET_INTERRUPT).invokeVoid(new Object[] {cpu, Intercept.WINDOW_REQUEST});
      int request = onlyChanged(cpu);
      counters.clear();
      for (int at = 0; at < BYTES; at += Long.BYTES) {
        cpu.setPointer(at, counters.share((long) at / Long.BYTES * STRIDE));
      }
      function(library, EXIT).invokeVoid(new Object[] {cpu});
      return new CpuStructure(request, onlyMarked(counters));
    } catch (UnsatisfiedLinkError e) {
      throw new UnicornException("it doesn't export " + RESET_INTERRUPT + " and " + EXIT, e);
    }
  }

  /** Returns the address of the counter of the CPU at {@code cpu}. */
  long counter(long cpu) {
    return Pointer.nativeValue(new Pointer(cpu).getPointer(counterPointer));
  }

  private static Function function(NativeLibrary library, String name) {
    return library.getFunction(name);
  }

  private static int onlyChanged(Memory cpu) {
    for (int at = 0; at < BYTES; at += Integer.BYTES) {
      if (cpu.getInt(at) == ~Intercept.WINDOW_REQUEST) {
        return at;
      }
    }
    throw new UnicornException(RESET_INTERRUPT + " doesn't take an interrupt back");
  }

  private static int onlyMarked(Memory counters) {
    for (int slot = 0; slot < BYTES / Long.BYTES; slot++) {
      if (counters.getShort((long) slot * STRIDE + COUNTER_HIGH) == -1) {
        return slot * Long.BYTES;
      }
    }
    throw new UnicornException(EXIT + " doesn't end translated code");
  }
}
