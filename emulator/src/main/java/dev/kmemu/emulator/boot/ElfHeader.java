package dev.kmemu.emulator.boot;

import dev.kmemu.emulator.boot.GuestImageException.Reason;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/**
 * The fields of an ELF64 header that a loader needs; System V ABI, chapter 4.
 *
 * @param entry {@code e_entry}
 * @param programHeaders {@code e_phoff}, with the whole table inside the file
 * @param programHeaderCount {@code e_phnum}
 */
record ElfHeader(long entry, int programHeaders, int programHeaderCount) {

  static final int BYTES = 64;
  static final int PROGRAM_HEADER_BYTES = 56;

  private static final int MAGIC = 0x464C457F;
  private static final int EI_CLASS = 4;
  private static final int EI_DATA = 5;
  private static final int E_TYPE = 16;
  private static final int E_MACHINE = 18;
  private static final int E_ENTRY = 24;
  private static final int E_PHOFF = 32;
  private static final int E_PHENTSIZE = 54;
  private static final int E_PHNUM = 56;

  private static final int ELFCLASS64 = 2;
  private static final int ELFDATA2LSB = 1;
  private static final int ET_EXEC = 2;
  private static final int EM_X86_64 = 62;
  private static final int PN_XNUM = 0xFFFF;

  private static final String WANTED = "name an ELF64 executable for x86_64";

  static ElfHeader parse(String name, byte[] file) {
    if (file.length == 0) {
      throw new GuestImageException(Reason.EMPTY, name, "is empty", WANTED);
    }
    ByteBuffer elf = ByteBuffer.wrap(file).order(ByteOrder.LITTLE_ENDIAN);
    if (file.length >= Integer.BYTES && elf.getInt(0) != MAGIC) {
      throw new GuestImageException(
          Reason.NOT_ELF,
          name,
          String.format("isn't ELF, it begins with 0x%08x", Integer.reverseBytes(elf.getInt(0))),
          WANTED);
    }
    if (file.length < BYTES) {
      throw new GuestImageException(
          Reason.TRUNCATED,
          name,
          "has " + file.length + " bytes, an ELF64 header alone has " + BYTES,
          "copy it again");
    }
    checkIdentity(name, elf);
    checkProgramHeaders(name, elf);
    return new ElfHeader(
        elf.getLong(E_ENTRY), (int) elf.getLong(E_PHOFF), unsigned16(elf, E_PHNUM));
  }

  private static void checkIdentity(String name, ByteBuffer elf) {
    require(Reason.WRONG_CLASS, name, "ELF class", elf.get(EI_CLASS) & 0xFF, ELFCLASS64);
    require(Reason.WRONG_BYTE_ORDER, name, "ELF byte order", elf.get(EI_DATA) & 0xFF, ELFDATA2LSB);
    require(Reason.WRONG_MACHINE, name, "ELF machine", unsigned16(elf, E_MACHINE), EM_X86_64);
    int type = unsigned16(elf, E_TYPE);
    if (type != ET_EXEC) {
      throw new GuestImageException(
          Reason.WRONG_TYPE,
          name,
          "has ELF type " + type + ", only " + ET_EXEC + " (executable) can be loaded",
          "link it with -static -no-pie");
    }
  }

  private static void checkProgramHeaders(String name, ByteBuffer elf) {
    int count = unsigned16(elf, E_PHNUM);
    if (count == 0) {
      throw new GuestImageException(
          Reason.NOTHING_TO_LOAD, name, "has no program headers", "link it as an executable");
    }
    int size = unsigned16(elf, E_PHENTSIZE);
    if (size != PROGRAM_HEADER_BYTES || count == PN_XNUM) {
      throw new GuestImageException(
          Reason.MALFORMED_HEADER,
          name,
          "has "
              + count
              + " program headers of "
              + size
              + " bytes, at most "
              + (PN_XNUM - 1)
              + " of "
              + PROGRAM_HEADER_BYTES
              + " can be loaded",
          "link it again");
    }
    long offset = elf.getLong(E_PHOFF);
    long bytes = (long) count * PROGRAM_HEADER_BYTES;
    if (offset < 0 || offset > elf.capacity() - bytes) {
      throw new GuestImageException(
          Reason.TRUNCATED,
          name,
          String.format(
              "has program headers at 0x%x+0x%x, the file ends at 0x%x",
              offset, bytes, elf.capacity()),
          "copy it again");
    }
  }

  private static void require(Reason reason, String name, String what, int found, int wanted) {
    if (found != wanted) {
      throw new GuestImageException(
          reason, name, "has " + what + " " + found + ", x86_64 has " + wanted, WANTED);
    }
  }

  private static int unsigned16(ByteBuffer elf, int offset) {
    return elf.getShort(offset) & 0xFFFF;
  }
}
