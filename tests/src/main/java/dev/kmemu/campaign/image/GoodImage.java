package dev.kmemu.campaign.image;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/** Small images that are loaded as they are, for damage to begin with. */
enum GoodImage {
  MULTIBOOT {
    @Override
    void write(ByteBuffer image) {
      int flags = 0x1_0003; // page-aligned modules, memory map, addresses
      image.putInt(HEADER, 0x1BADB002).putInt(HEADER + 4, flags);
      image.putInt(HEADER + 8, -(0x1BADB002 + flags));
      image.putInt(HEADER + 12, LOAD + HEADER).putInt(HEADER + 16, LOAD);
      image.putInt(HEADER + 20, LOAD + BYTES).putInt(HEADER + 24, LOAD + 2 * BYTES);
      image.putInt(HEADER + 28, LOAD);
    }
  },
  MULTIBOOT2 {
    @Override
    void write(ByteBuffer image) {
      int length = 16 + 24 + 16 + 8;
      image.position(HEADER).putInt(0xE85250D6).putInt(0).putInt(length);
      image.putInt(-(0xE85250D6 + length));
      image.putInt(2).putInt(24).putInt(LOAD + HEADER).putInt(LOAD);
      image.putInt(LOAD + BYTES).putInt(LOAD + 2 * BYTES);
      image.putInt(3).putInt(12).putInt(LOAD).putInt(0);
      image.putInt(0).putInt(8);
    }
  },
  MULTIBOOT_IN_ELF {
    @Override
    void write(ByteBuffer image) {
      image.putInt(0, 0x464C457F).putInt(4, 0x010101); // ELF32, little-endian
      image.putShort(16, (short) 2).putShort(18, (short) 3).putInt(20, 1);
      image.putInt(24, LOAD).putInt(28, 52);
      image.putShort(40, (short) 52).putShort(42, (short) 32).putShort(44, (short) 1);
      image.putInt(52, 1).putInt(56, HEADER).putInt(60, LOAD).putInt(64, LOAD);
      image.putInt(68, 0x40).putInt(72, 0x80).putInt(76, 5).putInt(80, 0x1000);
      image.putInt(HEADER, 0x1BADB002).putInt(HEADER + 4, 3).putInt(HEADER + 8, -(0x1BADB002 + 3));
    }
  };

  /** Bytes of each. */
  static final int BYTES = 0x200;

  private static final int HEADER = 0x80;
  private static final int LOAD = 0x10_0000;

  abstract void write(ByteBuffer image);

  /** Returns its bytes. */
  byte[] bytes() {
    ByteBuffer image = ByteBuffer.allocate(BYTES).order(ByteOrder.LITTLE_ENDIAN);
    write(image);
    return image.array();
  }
}
