package dev.kmemu.emulator.boot;

/** The GDT that the Linux boot protocol asks for: flat code at 0x10, flat data at 0x18. */
final class LinuxDescriptors {

  static final int CODE = 0x10;
  static final int DATA = 0x18;
  static final int LIMIT = 0x1F;

  private static final long CODE_64 = 0x00AF_9B00_0000_FFFFL;
  private static final long DATA_32 = 0x00CF_9300_0000_FFFFL;

  private LinuxDescriptors() {}

  /** Places the table in low memory and returns its address. */
  static long place(LoadMap map) {
    byte[] table = new BootStructure(LIMIT + 1).int64(CODE, CODE_64).int64(DATA, DATA_32).toBytes();
    return map.placeLow("GDT", table, 0x1_0000, LoadMap.LOW_END, 16).value();
  }
}
