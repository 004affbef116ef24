package dev.kmemu.firmware;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Collections;
import java.util.Map;
import java.util.TreeMap;

/**
 * The entry point and symbols of an ELF64 file that this module's own build made, so that nothing
 * is checked here (System V ABI, chapter 4).
 */
record ElfSymbols(long entry, Map<String, Long> globals, Map<String, Long> constants) {

  private static final int E_ENTRY = 24;
  private static final int E_SHOFF = 40;
  private static final int E_SHNUM = 60;
  private static final int SECTION_HEADER_BYTES = 64;
  private static final int SH_TYPE = 4;
  private static final int SH_OFFSET = 24;
  private static final int SH_SIZE = 32;
  private static final int SH_LINK = 40;
  private static final int SHT_SYMTAB = 2;
  private static final int SYMBOL_BYTES = 24;
  private static final int SHN_ABS = 0xFFF1;
  private static final int STB_GLOBAL = 1;
  private static final int STT_FILE = 4;

  static ElfSymbols of(byte[] file) {
    ByteBuffer elf = ByteBuffer.wrap(file).order(ByteOrder.LITTLE_ENDIAN);
    int sections = (int) elf.getLong(E_SHOFF);
    Map<String, Long> globals = new TreeMap<>();
    Map<String, Long> constants = new TreeMap<>();
    for (int i = 0; i < elf.getShort(E_SHNUM); i++) {
      int header = sections + i * SECTION_HEADER_BYTES;
      if (elf.getInt(header + SH_TYPE) == SHT_SYMTAB) {
        int names = sections + elf.getInt(header + SH_LINK) * SECTION_HEADER_BYTES;
        read(elf, header, (int) elf.getLong(names + SH_OFFSET), globals, constants);
      }
    }
    return new ElfSymbols(
        elf.getLong(E_ENTRY),
        Collections.unmodifiableMap(globals),
        Collections.unmodifiableMap(constants));
  }

  private static void read(
      ByteBuffer elf,
      int header,
      int names,
      Map<String, Long> globals,
      Map<String, Long> constants) {
    int start = (int) elf.getLong(header + SH_OFFSET);
    int end = start + (int) elf.getLong(header + SH_SIZE);
    for (int symbol = start; symbol < end; symbol += SYMBOL_BYTES) {
      String name = text(elf, names + elf.getInt(symbol));
      int info = elf.get(symbol + 4);
      int section = elf.getShort(symbol + 6) & 0xFFFF;
      long value = elf.getLong(symbol + 8);
      if (section == SHN_ABS && (info & 0xF) != STT_FILE) {
        constants.put(name, value);
      } else if (info >> 4 == STB_GLOBAL) {
        globals.put(name, value);
      }
    }
  }

  private static String text(ByteBuffer elf, int at) {
    StringBuilder text = new StringBuilder();
    for (int i = at; elf.get(i) != 0; i++) {
      text.append((char) elf.get(i));
    }
    return text.toString();
  }
}
