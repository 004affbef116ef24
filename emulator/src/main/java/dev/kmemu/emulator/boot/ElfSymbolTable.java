package dev.kmemu.emulator.boot;

import dev.kmemu.emulator.memory.VirtualAddress;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/**
 * The labels of an image by name and by address; System V ABI, chapter 4. Of several symbols with
 * one name, a global one wins. Immutable.
 */
public final class ElfSymbolTable {

  /**
   * A symbol near an address.
   *
   * @param name the symbol
   * @param offset bytes from the symbol to the address
   */
  public record Location(String name, long offset) {
    @Override
    public String toString() {
      return offset == 0 ? name : String.format("%s+0x%x", name, offset);
    }
  }

  private static final int E_SHOFF = 40;
  private static final int E_SHENTSIZE = 58;
  private static final int E_SHNUM = 60;
  private static final int SECTION_HEADER_BYTES = 64;
  private static final int SH_TYPE = 4;
  private static final int SH_OFFSET = 24;
  private static final int SH_SIZE = 32;
  private static final int SH_LINK = 40;
  private static final int SHT_SYMTAB = 2;
  private static final int SYMBOL_BYTES = 24;
  private static final int SHN_UNDEF = 0;
  private static final int SHN_ABS = 0xFFF1;
  private static final int STT_SECTION = 3;
  private static final int STT_FILE = 4;
  private static final int STB_LOCAL = 0;
  private static final int MAX_NAME_BYTES = 4096;

  private final Map<String, VirtualAddress> addresses = new HashMap<>();
  private final TreeMap<VirtualAddress, String> names = new TreeMap<>();

  private ElfSymbolTable() {}

  static ElfSymbolTable parse(byte[] file) {
    ElfSymbolTable table = new ElfSymbolTable();
    ByteBuffer elf = ByteBuffer.wrap(file).order(ByteOrder.LITTLE_ENDIAN);
    long sections = elf.getLong(E_SHOFF);
    int count = elf.getShort(E_SHNUM) & 0xFFFF;
    if (elf.getShort(E_SHENTSIZE) != SECTION_HEADER_BYTES
        || !isInside(elf, sections, (long) count * SECTION_HEADER_BYTES)) {
      return table;
    }
    for (int i = 0; i < count; i++) {
      int header = (int) sections + i * SECTION_HEADER_BYTES;
      int link = elf.getInt(header + SH_LINK);
      if (elf.getInt(header + SH_TYPE) == SHT_SYMTAB && link >= 0 && link < count) {
        table.read(elf, header, (int) sections + link * SECTION_HEADER_BYTES);
        break; // The ABI allows one; a second could only make the work quadratic.
      }
    }
    return table;
  }

  /** Returns the address of a label. */
  public Optional<VirtualAddress> address(String name) {
    return Optional.ofNullable(addresses.get(name));
  }

  /** Returns the closest label at or below an address. */
  public Optional<Location> locate(VirtualAddress address) {
    Map.Entry<VirtualAddress, String> below = names.floorEntry(address);
    return below == null
        ? Optional.empty()
        : Optional.of(new Location(below.getValue(), address.minus(below.getKey())));
  }

  /** Returns the number of names. */
  public int size() {
    return addresses.size();
  }

  private void read(ByteBuffer elf, int header, int stringHeader) {
    long start = elf.getLong(header + SH_OFFSET);
    long bytes = elf.getLong(header + SH_SIZE);
    long strings = elf.getLong(stringHeader + SH_OFFSET);
    long stringBytes = elf.getLong(stringHeader + SH_SIZE);
    if (!isInside(elf, start, bytes) || !isInside(elf, strings, stringBytes)) {
      return;
    }
    ByteBuffer text = elf.slice((int) strings, (int) stringBytes);
    int end = (int) (start + bytes) - SYMBOL_BYTES;
    for (int at = (int) start; at <= end; at += SYMBOL_BYTES) {
      int info = elf.get(at + 4);
      int type = info & 0xF;
      int section = elf.getShort(at + 6) & 0xFFFF;
      if (section == SHN_UNDEF || section == SHN_ABS || type == STT_SECTION || type == STT_FILE) {
        continue;
      }
      String name = name(text, elf.getInt(at));
      if (!name.isEmpty()) {
        add(name, new VirtualAddress(elf.getLong(at + 8)), info >> 4 != STB_LOCAL);
      }
    }
  }

  private void add(String name, VirtualAddress address, boolean global) {
    if (global) {
      addresses.put(name, address);
      names.put(address, name);
    } else {
      addresses.putIfAbsent(name, address);
      names.putIfAbsent(address, name);
    }
  }

  /** Returns the string at {@code offset}, empty when it is outside the table or too long. */
  private static String name(ByteBuffer text, int offset) {
    if (offset <= 0 || offset >= text.capacity()) {
      return "";
    }
    int limit = Math.min(text.capacity(), offset + MAX_NAME_BYTES);
    int end = offset;
    while (end < limit && text.get(end) != 0) {
      end++;
    }
    if (end == limit) {
      return "";
    }
    byte[] bytes = new byte[end - offset];
    text.get(offset, bytes);
    return new String(bytes, StandardCharsets.UTF_8);
  }

  private static boolean isInside(ByteBuffer elf, long offset, long bytes) {
    return offset >= 0 && bytes >= 0 && bytes <= elf.capacity() && offset <= elf.capacity() - bytes;
  }
}
