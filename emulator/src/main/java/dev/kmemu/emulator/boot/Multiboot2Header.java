package dev.kmemu.emulator.boot;

import dev.kmemu.emulator.boot.GuestImageException.Reason;
import java.util.OptionalInt;
import java.util.OptionalLong;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * The header of a Multiboot 2 kernel; Multiboot2 Specification, version 2.0, 3.1.
 *
 * @param addresses where the file goes, null when its ELF headers say so
 * @param entry where it is entered, empty when its ELF header says so
 */
record Multiboot2Header(@Nullable MultibootAddresses addresses, OptionalLong entry) {

  private static final int SEARCHED = 32768;
  private static final int MAGIC = 0xE852_50D6;
  private static final int BYTES = 16;
  private static final int TAG_BYTES = 8;
  private static final int OPTIONAL = 1;
  private static final int END = 0;
  private static final int INFORMATION_REQUEST = 1;
  private static final int ADDRESS = 2;
  private static final int ENTRY = 3;

  /**
   * Console flags, framebuffer, module alignment, three of EFI, and relocation: wishes that are
   * either met by themselves or refer to other firmware.
   */
  private static final Set<Integer> HARMLESS = Set.of(4, 5, 6, 7, 8, 9, 10);

  static OptionalInt find(ImageFile file) {
    for (int at = 0; at < SEARCHED && file.has(at, BYTES); at += Long.BYTES) {
      if (file.int32(at) == MAGIC
          && file.int32(at + 4) == 0
          && MAGIC + file.int32(at + 8) + file.int32(at + 12) == 0) {
        return OptionalInt.of(at);
      }
    }
    return OptionalInt.empty();
  }

  static Multiboot2Header parse(ImageFile file) {
    int header =
        find(file)
            .orElseThrow(
                () ->
                    refused(
                        file,
                        "has no Multiboot 2 header (0xe85250d6) in its first "
                            + SEARCHED
                            + " bytes"));
    long end = header + file.unsigned32(header + 8);
    if (!file.has(header, end - header)) {
      throw refused(file, "ends inside its Multiboot 2 header");
    }
    MultibootAddresses addresses = null;
    OptionalLong entry = OptionalLong.empty();
    long at = header + (long) BYTES;
    while (at <= end - TAG_BYTES) {
      int type = file.int16(at);
      boolean required = (file.int16(at + 2) & OPTIONAL) == 0;
      long bytes = file.unsigned32(at + 4);
      if (bytes < TAG_BYTES || at > end - bytes) {
        throw refused(file, "has a Multiboot 2 tag " + type + " of " + bytes + " bytes");
      }
      switch (type) {
        case END -> {
          return new Multiboot2Header(addresses, entry);
        }
        case INFORMATION_REQUEST -> checkRequest(file, at, bytes, required);
        case ADDRESS -> addresses = addresses(file, header, at);
        case ENTRY -> entry = OptionalLong.of(file.unsigned32(at + 8));
        default -> {
          if (required && !HARMLESS.contains(type)) {
            throw refused(file, "needs what Multiboot 2 tag " + type + " asks for");
          }
        }
      }
      at += (bytes + 7) & -8;
    }
    throw refused(file, "has a Multiboot 2 header without an end");
  }

  private static MultibootAddresses addresses(ImageFile file, int header, long at) {
    long headerAddress = file.unsigned32(at + 8);
    long load = file.unsigned32(at + 12);
    // All ones: from the beginning of the file.
    long from = load == 0xFFFF_FFFFL ? headerAddress - header : load;
    return new MultibootAddresses(
        header, headerAddress, from, file.unsigned32(at + 16), file.unsigned32(at + 20));
  }

  private static void checkRequest(ImageFile file, long at, long bytes, boolean required) {
    for (long item = at + 8; item <= at + bytes - 4; item += 4) {
      int type = file.int32(item);
      if (required && !Multiboot2Info.TYPES.contains(type)) {
        throw refused(file, "needs Multiboot 2 information " + type + ", which isn't there");
      }
    }
  }

  private static GuestImageException refused(ImageFile file, String why) {
    return new GuestImageException(
        Reason.MALFORMED_HEADER, file.name(), why, "name another Multiboot 2 kernel");
  }
}
