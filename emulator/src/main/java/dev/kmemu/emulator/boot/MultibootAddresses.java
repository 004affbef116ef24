package dev.kmemu.emulator.boot;

import dev.kmemu.emulator.boot.GuestImageException.Reason;

/**
 * Where a Multiboot header of either version wants its file loaded.
 *
 * @param header the header's offset in the file
 * @param headerAddress where the header is to be
 * @param load where the first byte to load is to be
 * @param loadEnd where loading ends, 0 for the end of the file
 * @param bssEnd where zeros behind it end, 0 for none
 */
record MultibootAddresses(int header, long headerAddress, long load, long loadEnd, long bssEnd) {

  /** Places what is to be loaded. */
  void place(ImageFile file, LoadMap map) {
    long from = header - (headerAddress - load);
    long count = loadEnd == 0 ? file.size() - from : loadEnd - load;
    if (!file.has(from, count) || count == 0) {
      throw new GuestImageException(
          Reason.SEGMENT_OUTSIDE_FILE,
          file.name(),
          String.format(
              "wants 0x%x bytes from 0x%x of its file loaded, the file ends at 0x%x",
              count, from, file.size()),
          "correct the addresses in its Multiboot header");
    }
    long bytes = Math.max(count, bssEnd - load);
    map.place("image", load, file.bytes(), (int) from, (int) count, bytes);
  }

  /** Returns {@code entry}, when code can be there. */
  static int checkedEntry(ImageFile file, LoadMap map, long entry) {
    if (entry >= 1L << 32 || !map.ram().contains(entry, 1)) {
      throw new GuestImageException(
          Reason.MALFORMED_HEADER,
          file.name(),
          String.format("is entered at 0x%x, the guest has RAM at %s", entry, map.ram().extent()),
          "link it at its load address");
    }
    return (int) entry;
  }
}
