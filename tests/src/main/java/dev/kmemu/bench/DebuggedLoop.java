package dev.kmemu.bench;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.HexFormat;

/**
 * An endless loop of four instructions in 32-bit protected mode, as an image that a Multiboot
 * loader accepts without understanding it: QEMU's, and ours.
 */
final class DebuggedLoop {

  /** Where the image is loaded. */
  static final int ADDRESS = 0x40_0000;

  /** The first instruction of the loop. */
  static final int LOOP = ADDRESS + 0x20;

  /** The second one, for breakpoints. */
  static final int SECOND = LOOP + 1;

  /** Memory that nothing uses. */
  static final int MEMORY = 0x100_0000;

  private static final int MAGIC = 0x1BADB002;
  private static final int ADDRESSES_ARE_GIVEN = 0x10000;
  private static final int BYTES = 0x1000;

  /** loop: inc eax; inc ebx; nop; jmp loop. */
  private static final String CODE = "40 43 90 ebfb";

  private DebuggedLoop() {}

  /** Returns the image. */
  static byte[] image() {
    ByteBuffer image = ByteBuffer.allocate(BYTES).order(ByteOrder.LITTLE_ENDIAN);
    image.putInt(MAGIC).putInt(ADDRESSES_ARE_GIVEN).putInt(-(MAGIC + ADDRESSES_ARE_GIVEN));
    image.putInt(ADDRESS).putInt(ADDRESS).putInt(ADDRESS + BYTES).putInt(ADDRESS + BYTES);
    image.putInt(LOOP);
    image.put(HexFormat.of().parseHex(CODE.replace(" ", "")));
    return image.array();
  }
}
