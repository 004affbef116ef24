package dev.kmemu.emulator.fuzz;

import dev.kmemu.emulator.memory.PhysicalAddress;
import dev.kmemu.emulator.memory.PhysicalMemory;
import java.util.HexFormat;
import java.util.SplittableRandom;

/** What lies in guest RAM before a run: tables of all kinds, some of them broken, code and data. */
final class FuzzMemory {

  static final long PML4 = 0x1000;
  static final long DIRECTORY = 0x4000;
  static final long IDT = 0x6000;
  static final long GDT = 0x7000;
  static final long TSS = 0x8000;
  static final long CODE = 0x1_0000;
  static final int SIZE = 0x2_0000;
  static final int CODE_PARAGRAPH = 0x1000;
  static final long STACK = 0x1_8000;
  static final int TSS_SELECTOR = 0x80;
  static final int LDT_SELECTOR = 0x90;

  private static final long DATA = 0x1_4000;
  private static final int PAGE = 4096;
  private static final int VECTORS = 256;
  private static final long HANDLER_64 = 0xC000;
  private static final long HANDLER_64_WITH_CODE = 0xC010;
  private static final long HANDLER_32 = 0xC020;
  private static final long HANDLER_32_WITH_CODE = 0xC030;
  private static final long HANDLER_16 = 0xC040;
  private static final long OPEN = 7;
  private static final long LARGE = 0x80;
  private static final int[] MSRS = {
    0x10,
    0x1B,
    0x3A,
    0x8B,
    0xFE,
    0x174,
    0x175,
    0x176,
    0x179,
    0x17A,
    0x1A0,
    0x1D9,
    0x200,
    0x277,
    0x2FF,
    0x38F,
    0x6E0,
    0x800,
    0x802,
    0x80B,
    0x830,
    0x83F,
    0xDA0,
    0xC0000080,
    0xC0000081,
    0xC0000082,
    0xC0000083,
    0xC0000084,
    0xC0000100,
    0xC0000101,
    0xC0000102,
    0xC0000103,
    0xC0010010,
    0xC0010015,
    0xC0010114,
    0xC0010117,
    0xC0011029,
    0x40000000,
    0x4B564D00
  };

  private FuzzMemory() {}

  /** Returns the selector of a flat code segment. */
  static int codeSelector(int bits, int ring) {
    return (bits == 64 ? 0x08 : bits == 32 ? 0x10 : 0x18) + (ring == 0 ? 0 : 0x20 + 3);
  }

  /** Returns the selector of a flat data segment. */
  static int dataSelector(int bits, int ring) {
    return (bits == 16 ? 0x48 : 0x50) + (ring == 0 ? 0 : 0x10 + 3);
  }

  /** Returns a number that means something to some instruction, or any. */
  static long interesting(SplittableRandom random) {
    return switch (random.nextInt(14)) {
      case 0 -> CODE + random.nextInt(PAGE);
      case 1, 2 -> DATA + random.nextInt(PAGE);
      case 3 -> STACK - random.nextInt(PAGE);
      case 4 -> PML4 + random.nextInt(0x8000);
      case 5 -> random.nextInt(0x100);
      case 6 -> random.nextInt(1 << 24);
      case 7 -> -1L - random.nextInt(0x100);
      case 8 -> 1L << random.nextInt(64);
      case 9 -> random.nextInt();
      case 10 -> (long) msr(random) & 0xFFFF_FFFFL;
      case 11 -> 0x0000_7FFF_FFFF_FFFFL + random.nextInt(16);
      case 12 -> (random.nextInt(0x20) << 3) | random.nextInt(4);
      default -> random.nextLong();
    };
  }

  static int msr(SplittableRandom random) {
    return random.nextInt(8) == 0 ? random.nextInt() : MSRS[random.nextInt(MSRS.length)];
  }

  static void fill(PhysicalMemory ram, RandomMode mode, SplittableRandom random) {
    byte[] noise = new byte[PAGE];
    for (long page = 0; page < SIZE; page += PAGE) {
      random.nextBytes(noise);
      ram.write(new PhysicalAddress(page), noise, 0, PAGE);
    }
    tables(ram, random);
    descriptors(ram, random);
    gates(ram, random, mode.isLongMode());
    for (int at = 0; at < PAGE; at += Long.BYTES) {
      store(ram, DATA + at, interesting(random));
      store(ram, STACK - PAGE + at, interesting(random));
    }
    byte[] code = RandomCode.next(random, 2 * PAGE);
    ram.write(new PhysicalAddress(CODE), code, 0, code.length);
  }

  private static void tables(PhysicalMemory ram, SplittableRandom random) {
    long noise = random.nextInt(3) == 0 ? 0xF0 : 0;
    store(ram, PML4, 0x2000 | OPEN);
    store(ram, 0x2000, 0x3000 | OPEN);
    for (int i = 0; i < 512; i++) {
      long frame = (long) (i < 16 ? i : random.nextInt(1 << 12)) << 21;
      store(ram, 0x3000 + i * 8L, frame | OPEN | LARGE | (i < 2 ? 0 : (random.nextLong() & noise)));
    }
    for (int i = 1; i < 512; i++) {
      store(ram, PML4 + i * 8L, random.nextInt(4) == 0 ? 0x2000 | OPEN : 0);
    }
    for (int i = 0; i < 1024; i++) {
      long frame = (long) (i < 8 ? i : random.nextInt(1 << 10)) << 22;
      ram.store32(new PhysicalAddress(DIRECTORY + i * 4L), (int) (frame | OPEN | LARGE));
    }
  }

  private static void descriptors(PhysicalMemory ram, SplittableRandom random) {
    for (int ring = 0; ring <= 3; ring += 3) {
      long at = GDT + (ring == 0 ? 0 : 0x20);
      long dpl = (long) ring << 45;
      store(ram, at + 0x08, 0x00AF_9B00_0000_FFFFL | dpl);
      store(ram, at + 0x10, 0x00CF_9B00_0000_FFFFL | dpl);
      store(ram, at + 0x18, 0x008F_9B00_0000_FFFFL | dpl);
      long data = GDT + (ring == 0 ? 0 : 0x10);
      store(ram, data + 0x48, 0x008F_9300_0000_FFFFL | dpl);
      store(ram, data + 0x50, 0x00CF_9300_0000_FFFFL | dpl);
    }
    store(ram, GDT, 0);
    store(ram, GDT + TSS_SELECTOR, 0x0000_8900_8000_2FFFL | (random.nextLong(2) << 41));
    store(ram, GDT + TSS_SELECTOR + 8, 0);
    store(ram, GDT + LDT_SELECTOR, 0x0000_8200_7000_0FFFL);
    store(ram, GDT + LDT_SELECTOR + 8, 0);
    for (int at = 0xA0; at < 0x200; at += Long.BYTES) {
      long type = (long) random.nextInt(0x100) << 40;
      long target = ((CODE >>> 16) << 48) | ((long) random.nextInt(0x80) << 16);
      store(ram, GDT + at, type | (random.nextBoolean() ? target : random.nextLong()));
    }
    for (int at = 4; at < 0x68; at += 4) {
      ram.store32(new PhysicalAddress(TSS + at), (int) (STACK - random.nextInt(0x100)));
    }
    for (int at = 4; at < 0x64; at += Long.BYTES) {
      store(ram, TSS + at, STACK - 0x800);
    }
  }

  /**
   * Most handlers pass over a byte of what failed, so that more of the code is tried; some are
   * random code, and some gates are no gates.
   */
  private static void gates(PhysicalMemory ram, SplittableRandom random, boolean longMode) {
    code(ram, HANDLER_64, "48ff042448cf");
    code(ram, HANDLER_64_WITH_CODE, "4883c40848ff042448cf");
    code(ram, HANDLER_32, "ff0424cf");
    code(ram, HANDLER_32_WITH_CODE, "83c404ff0424cf");
    code(ram, HANDLER_16, "5589e5ff46025dcf");
    int oddity = random.nextInt(3) == 0 ? 3 : 100;
    for (int vector = 0; vector < VECTORS; vector++) {
      boolean odd = random.nextInt(oddity) == 0;
      boolean withCode = vector == 8 || (vector >= 10 && vector <= 14) || vector == 17;
      long usual =
          longMode
              ? withCode ? HANDLER_64_WITH_CODE : HANDLER_64
              : withCode ? HANDLER_32_WITH_CODE : HANDLER_32;
      long target = odd ? CODE + random.nextInt(2 * PAGE) : usual;
      long type = odd ? random.nextInt(0x100) : 0xEEL | random.nextInt(2);
      long selector = odd ? random.nextInt(0x200) : codeSelector(longMode ? 64 : 32, 0);
      long gate = (target & 0xFFFF) | (selector << 16) | (type << 40) | ((target >>> 16) << 48);
      if (longMode) {
        store(ram, IDT + vector * 16L, gate);
        store(ram, IDT + vector * 16L + 8, 0);
      } else {
        store(ram, IDT + vector * 8L, gate);
      }
      ram.store32(
          new PhysicalAddress(vector * 4L),
          odd ? (CODE_PARAGRAPH << 16) | random.nextInt(PAGE) : (int) HANDLER_16);
    }
  }

  private static void code(PhysicalMemory ram, long at, String hex) {
    byte[] bytes = HexFormat.of().parseHex(hex);
    ram.write(new PhysicalAddress(at), bytes, 0, bytes.length);
  }

  private static void store(PhysicalMemory ram, long at, long value) {
    ram.store64(new PhysicalAddress(at), value);
  }
}
