package dev.kmemu.emulator.boot;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.OptionalLong;

/** Small good images of each format, and RAM to load them into. */
final class BootImageFixture {

  static final int RAM_BYTES = 16 << 20;
  static final int MULTIBOOT_HEADER = 0x80;
  static final int CODE = 0x100;
  static final long LOAD_ADDRESS = 0x10_0000;

  private BootImageFixture() {}

  static BootImage parse(byte[] bytes) {
    return BootImages.parse("image", bytes, null, OptionalLong.empty());
  }

  private static ByteBuffer allocate(int bytes) {
    return ByteBuffer.allocate(bytes).order(ByteOrder.LITTLE_ENDIAN);
  }

  private static byte[] bytes(ByteBuffer buffer) {
    byte[] bytes = new byte[buffer.capacity()];
    buffer.get(0, bytes);
    return bytes;
  }

  /** A Multiboot image with addresses in its header: 0x200 bytes at 1 MiB and as much bss. */
  static byte[] multiboot() {
    ByteBuffer image = allocate(0x200);
    int flags = 0x1_0003;
    image.position(MULTIBOOT_HEADER);
    image.putInt(0x1BADB002).putInt(flags).putInt(-(0x1BADB002 + flags));
    image.putInt((int) LOAD_ADDRESS + MULTIBOOT_HEADER).putInt((int) LOAD_ADDRESS);
    image.putInt((int) LOAD_ADDRESS + 0x200).putInt((int) LOAD_ADDRESS + 0x400);
    image.putInt((int) LOAD_ADDRESS + CODE);
    image.put(CODE, (byte) 0xF4);
    return bytes(image);
  }

  /** The same with a Multiboot 2 header, which asks for memory and the map. */
  static byte[] multiboot2() {
    ByteBuffer image = allocate(0x200);
    int length = 16 + 16 + 24 + 16 + 8;
    image.position(MULTIBOOT_HEADER);
    image.putInt(0xE85250D6).putInt(0).putInt(length).putInt(-(0xE85250D6 + length));
    image.putShort((short) 1).putShort((short) 0).putInt(16).putInt(4).putInt(6);
    image.putShort((short) 2).putShort((short) 0).putInt(24);
    image.putInt((int) LOAD_ADDRESS + MULTIBOOT_HEADER).putInt((int) LOAD_ADDRESS);
    image.putInt((int) LOAD_ADDRESS + 0x200).putInt((int) LOAD_ADDRESS + 0x400);
    image.putShort((short) 3).putShort((short) 0).putInt(12).putInt((int) LOAD_ADDRESS + CODE);
    image.putInt(0);
    image.putInt(0).putInt(8);
    image.put(CODE, (byte) 0xF4);
    return bytes(image);
  }

  /** An ELF32 Multiboot image with a segment, a section of it and one beside it. */
  static byte[] multibootElf() {
    ByteBuffer elf = elf32(1, 3);
    segment(elf, 52, 1, 0x100, LOAD_ADDRESS, 0x40, 0x80);
    elf.position(0x100);
    elf.putInt(0x1BADB002).putInt(3).putInt(-(0x1BADB002 + 3));
    section(elf, 0x240 + 40, 1, 2, LOAD_ADDRESS, 0x100, 0x40);
    section(elf, 0x240 + 80, 3, 0, 0, 0x200, 0x10);
    elf.position(0x200).put(".text\0.names\0\0\0\0".getBytes(StandardCharsets.US_ASCII), 0, 16);
    return bytes(elf);
  }

  /** {@link #multibootElf} with a Multiboot 2 header. */
  static byte[] multiboot2Elf() {
    ByteBuffer elf = ByteBuffer.wrap(multibootElf()).order(ByteOrder.LITTLE_ENDIAN);
    elf.position(0x100).putInt(0xE85250D6).putInt(0).putInt(24).putInt(-(0xE85250D6 + 24));
    elf.putInt(0).putInt(8);
    return bytes(elf);
  }

  /** An ELF32 image with a PVH note. */
  static byte[] pvh() {
    ByteBuffer elf = elf32(2, 0);
    segment(elf, 52, 1, 0x100, LOAD_ADDRESS, 0x40, 0x80);
    segment(elf, 84, 4, 0x180, 0, 20, 20);
    elf.position(0x180).putInt(4).putInt(4).putInt(18);
    elf.put("Xen\0".getBytes(StandardCharsets.US_ASCII)).putInt((int) LOAD_ADDRESS + 8);
    return bytes(elf);
  }

  private static ByteBuffer elf32(int segments, int sections) {
    ByteBuffer elf = allocate(0x300);
    elf.putInt(0x464C457F).put((byte) 1).put((byte) 1).put((byte) 1).position(16);
    elf.putShort((short) 2).putShort((short) 3).putInt(1).putInt((int) LOAD_ADDRESS + 0x10);
    elf.putInt(52).putInt(0x240).putInt(0).putShort((short) 52).putShort((short) 32);
    elf.putShort((short) segments).putShort((short) 40).putShort((short) sections);
    elf.putShort((short) 2);
    return elf;
  }

  private static void segment(
      ByteBuffer elf, int at, int type, int offset, long address, int bytes, int memory) {
    elf.position(at).putInt(type).putInt(offset).putInt((int) address).putInt((int) address);
    elf.putInt(bytes).putInt(memory).putInt(7).putInt(4);
  }

  private static void section(
      ByteBuffer elf, int at, int type, int flags, long address, int offset, int bytes) {
    elf.position(at).putInt(0).putInt(type).putInt(flags).putInt((int) address);
    elf.putInt(offset).putInt(bytes).putInt(0).putInt(0).putInt(1).putInt(0);
  }

  /** A bzImage with one setup sector and a kernel of 0x300 bytes that wants 0x1000. */
  static byte[] linux() {
    ByteBuffer image = allocate(0x400 + 0x300);
    image.put(0x1F1, (byte) 1).putShort(0x1FE, (short) 0xAA55).put(0x201, (byte) 0x66);
    image.position(0x202).put("HdrS".getBytes(StandardCharsets.US_ASCII));
    image.putShort(0x206, (short) 0x20F).putShort(0x20E, (short) 0x100).put(0x211, (byte) 1);
    image.putInt(0x22C, 0x7FFF_FFFF).putInt(0x230, 0x20_0000).put(0x234, (byte) 1);
    image.putShort(0x236, (short) 0x7F).putInt(0x238, 255);
    image.putLong(0x258, 0x20_0000).putInt(0x260, 0x1000);
    image.position(0x300).put("1.2.3 (test)\0".getBytes(StandardCharsets.US_ASCII));
    image.put(0x600, (byte) 0xF4);
    return bytes(image);
  }
}
