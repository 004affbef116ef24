package dev.kmemu.emulator.unicorn;

import com.sun.jna.Function;
import com.sun.jna.Memory;
import com.sun.jna.NativeLibrary;
import com.sun.jna.Pointer;
import dev.kmemu.emulator.cpu.CpuidBit;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.util.List;

/**
 * What the library takes the CPU's features from: when it translates an instruction, it asks words
 * of the CPU's structure whether there is one, and makes #UD of it where there isn't.
 *
 * <p>No header tells where they lie. The library's own CPUID, which guests never see, gives their
 * values, which lie side by side, so they are looked for; that the right ones were found shows when
 * a bit that is taken out of one is missing in CPUID.
 */
final class FeatureWords {

  private static final String CPUID = "cpu_x86_cpuid_x86_64";
  private static final String SELF = "/proc/self/mem";
  private static final int SEARCHED = 16 << 10;
  private static final int STRUCTURED_LEAF = 7;
  private static final int EXTENDED_LEAF = 0x8000_0001;
  private static final int ECX = 1;
  private static final int EDX = 2;
  private static final int EBX = 3;

  /**
   * Words of 64 bits, in this order: 1.EDX, 1.ECX, 7.EBX, 7.ECX, 7.EDX, 7.1.EAX, 0x80000001.EDX,
   * .ECX.
   */
  private static final int WORDS = 8;

  private final NativeLibrary library;
  private final long state;

  /**
   * Prepares to change an engine.
   *
   * @param state the address of the first general register
   */
  FeatureWords(NativeLibrary library, long state) {
    this.library = library;
    this.state = state;
  }

  /**
   * Takes features away, before anything is translated. What CPUID tells of in other words, and
   * everything in a library that isn't as expected, stays.
   *
   * @return whether the words were found
   */
  boolean withhold(List<CpuidBit> bits) {
    if (bits.isEmpty()) {
      return true;
    }
    try (RandomAccessFile self = new RandomAccessFile(SELF, "r")) {
      Function cpuid = library.getFunction(CPUID);
      int at = find(cpuid, LiveState.read(self, state, SEARCHED));
      if (at < 0) {
        return false;
      }
      Pointer words = new Pointer(state + at);
      if (!isProven(cpuid, words)) {
        return false;
      }
      for (CpuidBit bit : bits) {
        int word = index(bit);
        if (word >= 0) {
          long offset = (long) word * Long.BYTES;
          words.setInt(offset, words.getInt(offset) & ~bit.mask());
        }
      }
      return true;
    } catch (IOException | UnsatisfiedLinkError e) {
      return false;
    }
  }

  private int find(Function cpuid, byte[] memory) {
    int[] wanted = {
      told(cpuid, 1, EDX),
      told(cpuid, 1, ECX),
      told(cpuid, STRUCTURED_LEAF, EBX),
      told(cpuid, STRUCTURED_LEAF, ECX),
      told(cpuid, STRUCTURED_LEAF, EDX)
    };
    for (int at = 0; at + WORDS * Long.BYTES <= memory.length; at += Long.BYTES) {
      int same = 0;
      while (same < wanted.length && word(memory, at, same) == wanted[same]) {
        same++;
      }
      int extended = word(memory, at, WORDS - 2);
      if (same == wanted.length && extended == told(cpuid, EXTENDED_LEAF, EDX)) {
        return at;
      }
    }
    return -1;
  }

  private boolean isProven(Function cpuid, Pointer words) {
    long offset = 2 * Long.BYTES;
    int before = words.getInt(offset);
    words.setInt(offset, 0);
    boolean proven = before != 0 && told(cpuid, STRUCTURED_LEAF, EBX) == 0;
    words.setInt(offset, before);
    return proven;
  }

  private int told(Function cpuid, int leaf, int register) {
    try (Memory out = new Memory(4L * Integer.BYTES)) {
      out.clear();
      // The order of the arguments: EAX, EBX, ECX, EDX.
      cpuid.invokeVoid(
          new Object[] {
            new Pointer(state), leaf, 0, out, out.share(12), out.share(4), out.share(8)
          });
      return out.getInt((long) register * Integer.BYTES);
    }
  }

  private static int word(byte[] memory, int first, int number) {
    return (int) ContextSearch.int64(memory, first + number * Long.BYTES);
  }

  private static int index(CpuidBit bit) {
    if (bit.subleaf() != 0) {
      return -1;
    }
    return switch (bit.leaf()) {
      case 1 -> bit.register() == EDX ? 0 : 1;
      case STRUCTURED_LEAF -> bit.register() == EBX ? 2 : 3;
      case EXTENDED_LEAF -> bit.register() == EDX ? 6 : 7;
      default -> -1;
    };
  }
}
