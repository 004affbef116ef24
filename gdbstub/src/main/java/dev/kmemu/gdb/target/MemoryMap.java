package dev.kmemu.gdb.target;

/**
 * The document behind {@code qXfer:memory-map:read} (GDB manual, Memory Map Format).
 *
 * <p>A debugger takes what the map leaves out as inaccessible, and asks the map about virtual
 * addresses. Where those lead is up to page tables that may change at any moment. So the map calls
 * every address RAM, in two halves, as one length can't say 2^64; an address that leads nowhere is
 * the memory packets' affair, whose error says why.
 */
final class MemoryMap {

  private static final String HALF = "0x8000000000000000";

  private MemoryMap() {}

  /** Returns the map for a machine with {@code ramBytes} of RAM, which a comment tells. */
  static String of(long ramBytes) {
    return "<?xml version=\"1.0\"?>\n"
        + "<!DOCTYPE memory-map PUBLIC \"+//IDN gnu.org//DTD GDB Memory Map V1.0//EN\""
        + " \"http://sourceware.org/gdb/gdb-memory-map.dtd\">\n"
        + "<!-- physical RAM: 0 to 0x"
        + Long.toHexString(ramBytes - 1)
        + " -->\n"
        + "<memory-map>\n"
        + half("0x0")
        + half(HALF)
        + "</memory-map>\n";
  }

  private static String half(String start) {
    return "<memory type=\"ram\" start=\"" + start + "\" length=\"" + HALF + "\"/>\n";
  }
}
