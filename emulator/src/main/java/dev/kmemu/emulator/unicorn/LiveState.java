package dev.kmemu.emulator.unicorn;

import com.sun.jna.Pointer;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Arrays;

/**
 * The CPU's state where it lives, of which a context is a copy: whoever reads and patches it in
 * place needs neither a save nor a restore.
 *
 * <p>The engine's structure points to a CPU structure that has the state in it. No header tells
 * where, so both distances are looked for once, with values planted in registers, and every
 * engine's state is then compared with a context of the same moment, byte by byte. Foreign memory
 * is read through the kernel, which refuses an unmapped address where a direct read would end the
 * process.
 *
 * @param cpu the address of the CPU structure
 * @param view the state, with the offsets of a context
 */
record LiveState(long cpu, ByteBuffer view) {

  private static final String SELF = "/proc/self/mem";
  private static final int ENGINE_BYTES = 4096;
  private static final int CPU_BYTES = 256 << 10;
  private static final int PAGE = 4096;
  private static final int COUNTER_DISTANCE = 64;

  /** The size of a context is rounded up, and what is behind the state isn't defined. */
  private static final int PADDING = Long.BYTES;

  /**
   * Where the state is.
   *
   * @param pointer bytes from the engine to its pointer to the CPU
   * @param registers bytes from the CPU to the first general register
   */
  record Place(int pointer, int registers) {}

  /**
   * Looks for the state of an engine whose general registers hold the markers that {@code context}
   * was saved with.
   *
   * @throws UnicornException when it isn't to be found
   */
  static Place find(long engine, ContextLayout layout, CpuStructure structure, byte[] context) {
    byte[] markers =
        Arrays.copyOfRange(
            context, layout.registers(), layout.registers() + ContextSearch.MARKED * Long.BYTES);
    try (RandomAccessFile self = new RandomAccessFile(SELF, "r")) {
      byte[] structureOfEngine = read(self, engine, ENGINE_BYTES);
      for (int at = 0; at + Long.BYTES <= structureOfEngine.length; at += Long.BYTES) {
        long target = ContextSearch.int64(structureOfEngine, at);
        if (isPointer(target)) {
          int found = indexOf(read(self, target, CPU_BYTES), markers);
          Place place = new Place(at, found);
          if (found >= 0
              && isCpu(self, target, found, structure)
              && agrees(self, place, engine, layout, context)) {
            return place;
          }
        }
      }
      throw new UnicornException("the engine's structure doesn't lead to the CPU's state");
    } catch (IOException e) {
      throw new UnicornException("the process can't read its own memory through " + SELF, e);
    }
  }

  /**
   * Opens the state of an engine.
   *
   * @param context a context saved at this moment
   * @throws UnicornException when the state doesn't agree with it
   */
  static LiveState open(Place place, long engine, ContextLayout layout, byte[] context) {
    try (RandomAccessFile self = new RandomAccessFile(SELF, "r")) {
      if (!agrees(self, place, engine, layout, context)) {
        throw new UnicornException("the CPU's state isn't where it was in another engine");
      }
      long state = state(self, place, engine);
      ByteBuffer view =
          new Pointer(state - layout.registers())
              .getByteBuffer(0, layout.size())
              .order(ByteOrder.LITTLE_ENDIAN);
      return new LiveState(state - place.registers(), view);
    } catch (IOException e) {
      throw new UnicornException("the process can't read its own memory through " + SELF, e);
    }
  }

  /** Whether it is the CPU itself: its counter lies right before the state. */
  private static boolean isCpu(
      RandomAccessFile self, long cpu, int registers, CpuStructure structure) throws IOException {
    byte[] pointer = read(self, cpu + structure.counterPointer(), Long.BYTES);
    long before =
        pointer.length == Long.BYTES ? cpu + registers - ContextSearch.int64(pointer, 0) : 0;
    return before > 0 && before <= COUNTER_DISTANCE;
  }

  private static boolean agrees(
      RandomAccessFile self, Place place, long engine, ContextLayout layout, byte[] context)
      throws IOException {
    long state = state(self, place, engine);
    int end = layout.size() - PADDING;
    return state != 0
        && Arrays.equals(
            read(self, state, end - layout.registers()),
            Arrays.copyOfRange(context, layout.registers(), end));
  }

  private static long state(RandomAccessFile self, Place place, long engine) throws IOException {
    byte[] pointer = read(self, engine + place.pointer(), Long.BYTES);
    long cpu = pointer.length == Long.BYTES ? ContextSearch.int64(pointer, 0) : 0;
    return isPointer(cpu) ? cpu + place.registers() : 0;
  }

  private static boolean isPointer(long value) {
    return value > PAGE && (value & (Long.BYTES - 1)) == 0 && value >>> 47 == 0;
  }

  /** Reads up to the first page that isn't there. */
  static byte[] read(RandomAccessFile self, long address, int length) throws IOException {
    byte[] bytes = new byte[length];
    int done = 0;
    self.seek(address);
    while (done < length) {
      int run = (int) Math.min(length - done, PAGE - ((address + done) & (PAGE - 1)));
      try {
        self.readFully(bytes, done, run);
      } catch (IOException e) {
        break;
      }
      done += run;
    }
    return Arrays.copyOf(bytes, done);
  }

  private static int indexOf(byte[] bytes, byte[] wanted) {
    for (int at = 0; at + wanted.length <= bytes.length; at += Long.BYTES) {
      if (Arrays.equals(bytes, at, at + wanted.length, wanted, 0, wanted.length)) {
        return at;
      }
    }
    return -1;
  }
}
