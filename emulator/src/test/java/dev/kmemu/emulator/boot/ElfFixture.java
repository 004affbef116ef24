package dev.kmemu.emulator.boot;

import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/** Writes small ELF64 files, good or bad, for the loader's tests. */
final class ElfFixture {

  static final int E_TYPE = 16;
  static final int E_MACHINE = 18;
  static final int E_PHOFF = 32;
  static final int E_PHENTSIZE = 54;
  static final int E_PHNUM = 56;
  static final int FIRST_SEGMENT = 64;
  static final int P_OFFSET = 8;
  static final int P_FILESZ = 32;
  static final int P_MEMSZ = 40;

  @SuppressWarnings("ArrayRecordComponent") // never compared
  private record Segment(long physical, long virtual, byte[] bytes, long memorySize, int flags) {}

  private record Symbol(String name, long value, int info) {}

  private final List<Segment> segments = new ArrayList<>();
  private final List<Symbol> symbols = new ArrayList<>();
  private long entry;

  ElfFixture entry(long address) {
    entry = address;
    return this;
  }

  ElfFixture segment(long physical, long virtual, byte[] bytes, long memorySize, int flags) {
    segments.add(new Segment(physical, virtual, bytes, memorySize, flags));
    return this;
  }

  ElfFixture global(String name, long value) {
    symbols.add(new Symbol(name, value, 0x10));
    return this;
  }

  ElfFixture local(String name, long value) {
    symbols.add(new Symbol(name, value, 0));
    return this;
  }

  byte[] build() {
    ByteArrayOutputStream strings = new ByteArrayOutputStream();
    strings.write(0);
    byte[] symbolTable = new byte[(symbols.size() + 1) * 24];
    ByteBuffer symbolBytes = little(symbolTable);
    symbolBytes.position(24);
    for (Symbol symbol : symbols) {
      symbolBytes.putInt(strings.size()).put((byte) symbol.info).put((byte) 0);
      symbolBytes.putShort((short) 1).putLong(symbol.value).putLong(0);
      strings.writeBytes((symbol.name + "\0").getBytes(StandardCharsets.UTF_8));
    }

    int offset = FIRST_SEGMENT + segments.size() * 56;
    int contents = segments.stream().mapToInt(segment -> segment.bytes.length).sum();
    int symbolOffset = offset + contents;
    int stringOffset = symbolOffset + symbolTable.length;
    int sections = stringOffset + strings.size();
    byte[] file = new byte[sections + 3 * 64];
    ByteBuffer elf = little(file);
    elf.putInt(0x464C457F).put((byte) 2).put((byte) 1).put((byte) 1);
    elf.position(E_TYPE).putShort((short) 2).putShort((short) 62).putInt(1);
    elf.putLong(entry).putLong(FIRST_SEGMENT).putLong(sections).putInt(0).putShort((short) 64);
    elf.putShort((short) 56).putShort((short) segments.size());
    elf.putShort((short) 64).putShort((short) 3).putShort((short) 0);
    for (Segment segment : segments) {
      elf.putInt(1).putInt(segment.flags).putLong(offset).putLong(segment.virtual);
      elf.putLong(segment.physical).putLong(segment.bytes.length).putLong(segment.memorySize);
      elf.putLong(0x1000);
      offset += segment.bytes.length;
    }
    segments.forEach(segment -> elf.put(segment.bytes));
    elf.put(symbolTable).put(strings.toByteArray());
    elf.position(sections + 64);
    section(elf, 2, symbolOffset, symbolTable.length, 2);
    section(elf, 3, stringOffset, strings.size(), 0);
    return file;
  }

  /** Returns a good image: code at 1 MiB, data with bss at 2 MiB, a label in each. */
  static byte[] twoSegments() {
    byte[] code = new byte[100];
    Arrays.fill(code, (byte) 0x90);
    return new ElfFixture()
        .entry(0xFFFFFFFF80100000L)
        .segment(0x200000, 0xFFFFFFFF80200000L, new byte[] {1, 2, 3, 4}, 0x2000, 6)
        .segment(0x100000, 0xFFFFFFFF80100000L, code, code.length, 5)
        .local("counter", 0x17)
        .global("start", 0xFFFFFFFF80100000L)
        .global("counter", 0xFFFFFFFF80200004L)
        .local(".Lloop", 0xFFFFFFFF80100010L)
        .build();
  }

  static byte[] with16(byte[] elf, int offset, int value) {
    ByteBuffer.wrap(elf).order(ByteOrder.LITTLE_ENDIAN).putShort(offset, (short) value);
    return elf;
  }

  static byte[] with64(byte[] elf, int offset, long value) {
    ByteBuffer.wrap(elf).order(ByteOrder.LITTLE_ENDIAN).putLong(offset, value);
    return elf;
  }

  private static void section(ByteBuffer elf, int type, int offset, int bytes, int link) {
    elf.putInt(0).putInt(type).putLong(0).putLong(0).putLong(offset).putLong(bytes);
    elf.putInt(link).putInt(0).putLong(8).putLong(24);
  }

  private static ByteBuffer little(byte[] bytes) {
    return ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN);
  }
}
