package dev.kmemu.emulator.boot;

import dev.kmemu.emulator.memory.PhysicalAddress;
import dev.kmemu.emulator.mmu.PageTableEntry;

/** Page tables that map the first 4 GiB one to one, with pages of 2 MiB. */
final class IdentityMap {

  private static final int TABLE = 4096;
  private static final int ENTRIES = 512;
  private static final int DIRECTORIES = 4;
  private static final long LARGE_PAGE = 2 << 20;
  private static final long OPEN = PageTableEntry.PRESENT | PageTableEntry.WRITABLE;

  private IdentityMap() {}

  /** Places the tables in low memory and returns the address of the PML4 table. */
  static long place(LoadMap map) {
    int bytes = (2 + DIRECTORIES) * TABLE;
    long base =
        map.placeHigh("page tables", new byte[bytes], 0x1_0000, LoadMap.LOW_END, TABLE).value();
    BootStructure tables = new BootStructure(bytes);
    tables.int64(0, (base + TABLE) | OPEN);
    for (int i = 0; i < DIRECTORIES; i++) {
      int directory = (2 + i) * TABLE;
      tables.int64(TABLE + i * Long.BYTES, (base + directory) | OPEN);
      for (int j = 0; j < ENTRIES; j++) {
        long page = ((long) i * ENTRIES + j) * LARGE_PAGE;
        tables.int64(directory + j * Long.BYTES, page | OPEN | PageTableEntry.PAGE_SIZE);
      }
    }
    map.ram().write(new PhysicalAddress(base), tables.toBytes(), 0, bytes);
    return base;
  }
}
