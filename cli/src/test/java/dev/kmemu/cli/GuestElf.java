package dev.kmemu.cli;

import dev.kmemu.firmware.FirmwareImage;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;

/** Guest programs of a few instructions, as ELF64 files with one segment. */
final class GuestElf {

  private static final int HEADERS = 64 + 56;
  private static final int MAX_CODE = 64;

  /** {@code cli; hlt}. */
  static final int[] HALT = {0xFA, 0xF4};

  /** {@code ud2}. */
  static final int[] UD2 = {0x0F, 0x0B};

  /** {@code jmp .}. */
  static final int[] SPIN = {0xEB, 0xFE};

  /** {@code mov al, 'U'; out 0xe9, al; mov al, '\n'; out 0xe9, al; jmp .}. */
  static final int[] SAY_U_AND_SPIN = {0xB0, 'U', 0xE6, 0xE9, 0xB0, '\n', 0xE6, 0xE9, 0xEB, 0xFE};

  /** {@code loop: inc rax; mov [rsp - 8], rax; nop; jmp loop}. */
  static final int[] COUNT = {0x48, 0xFF, 0xC0, 0x48, 0x89, 0x44, 0x24, 0xF8, 0x90, 0xEB, 0xF5};

  /** {@code mov al, 'U'; out 0xe9, al; mov al, '\n'; out 0xe9, al; ud2}. */
  static final int[] SAY_U_AND_CRASH = {0xB0, 'U', 0xE6, 0xE9, 0xB0, '\n', 0xE6, 0xE9, 0x0F, 0x0B};

  private GuestElf() {}

  /** {@code mov eax, value; out 0xf4, eax; cli; hlt}. */
  static int[] exit(int value) {
    return new int[] {0xB8, value, 0, 0, 0, 0xE7, 0xF4, 0xFA, 0xF4};
  }

  /** Writes a program that occupies a page. */
  static Path write(Path file, int... code) {
    return write(file, 4096, code);
  }

  /** Writes a program that wants {@code memory} bytes of RAM. */
  static Path write(Path file, long memory, int... code) {
    ByteBuffer elf = ByteBuffer.allocate(HEADERS + MAX_CODE).order(ByteOrder.LITTLE_ENDIAN);
    long start = FirmwareImage.KERNBASE + FirmwareImage.TEXT_PHYSICAL;
    elf.put(new byte[] {0x7F, 'E', 'L', 'F', 2, 1, 1}).position(16);
    elf.putShort((short) 2).putShort((short) 62).putInt(1); // ET_EXEC, EM_X86_64
    elf.putLong(start).putLong(64).putLong(0).putInt(0);
    elf.putShort((short) 64).putShort((short) 56).putShort((short) 1).position(64);
    elf.putInt(1).putInt(5).putLong(HEADERS); // PT_LOAD, readable and executable
    elf.putLong(start).putLong(FirmwareImage.TEXT_PHYSICAL);
    elf.putLong(code.length).putLong(memory).putLong(4096);
    for (int b : code) {
      elf.put((byte) b);
    }
    try {
      return Files.write(file, elf.array());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
