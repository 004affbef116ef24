package dev.kmemu.emulator.boot;

import dev.kmemu.emulator.boot.GuestImageException.Reason;
import dev.kmemu.emulator.memory.PhysicalAddress;
import dev.kmemu.emulator.memory.VirtualAddress;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;

/** Reads and checks the program header table. */
final class ElfSegments {

  private static final int PT_LOAD = 1;
  private static final int P_FLAGS = 4;
  private static final int P_OFFSET = 8;
  private static final int P_VADDR = 16;
  private static final int P_PADDR = 24;
  private static final int P_FILESZ = 32;
  private static final int P_MEMSZ = 40;

  /** MAXPHYADDR is at most 52 (Intel SDM vol. 3A, 4.1.4). */
  private static final long PHYSICAL_LIMIT = 1L << 52;

  private ElfSegments() {}

  /** Returns the segments that occupy memory by ascending physical address, none overlapping. */
  static List<ElfSegment> parse(String name, byte[] file, ElfHeader header) {
    ByteBuffer elf = ByteBuffer.wrap(file).order(ByteOrder.LITTLE_ENDIAN);
    List<ElfSegment> segments = new ArrayList<>();
    for (int i = 0; i < header.programHeaderCount(); i++) {
      int at = header.programHeaders() + i * ElfHeader.PROGRAM_HEADER_BYTES;
      if (elf.getInt(at) == PT_LOAD && elf.getLong(at + P_MEMSZ) != 0) {
        ElfSegment segment =
            new ElfSegment(
                new PhysicalAddress(elf.getLong(at + P_PADDR)),
                new VirtualAddress(elf.getLong(at + P_VADDR)),
                elf.getLong(at + P_OFFSET),
                elf.getLong(at + P_FILESZ),
                elf.getLong(at + P_MEMSZ),
                elf.getInt(at + P_FLAGS));
        check(name, i, segment, file.length);
        segments.add(segment);
      }
    }
    if (segments.isEmpty()) {
      throw new GuestImageException(
          Reason.NOTHING_TO_LOAD, name, "has no segment to load", "link it as an executable");
    }
    segments.sort(Comparator.comparing(ElfSegment::physical));
    checkOverlap(name, segments);
    return List.copyOf(segments);
  }

  private static void check(String name, int index, ElfSegment segment, int fileBytes) {
    long offset = segment.fileOffset();
    long size = segment.fileSize();
    if (size < 0 || size > fileBytes || offset < 0 || offset > fileBytes - size) {
      throw new GuestImageException(
          Reason.SEGMENT_OUTSIDE_FILE,
          name,
          String.format(
              "segment %d has its bytes at 0x%x+0x%x, the file ends at 0x%x",
              index, offset, size, fileBytes),
          "copy it again");
    }
    long memorySize = segment.memorySize();
    if (Long.compareUnsigned(size, memorySize) > 0) {
      throw new GuestImageException(
          Reason.MALFORMED_SEGMENT,
          name,
          String.format(
              "segment %d has 0x%x bytes in the file, but only 0x%x in memory",
              index, size, memorySize),
          "link it again");
    }
    long physical = segment.physical().value();
    if (!isWithin(physical, memorySize, PHYSICAL_LIMIT)) {
      throw new GuestImageException(
          Reason.MALFORMED_SEGMENT,
          name,
          String.format(
              "segment %d, 0x%x bytes at physical %s, doesn't fit in 52 address bits",
              index, memorySize, segment.physical()),
          "give it a load address, as with AT() in a linker script");
    }
    long lastByte = segment.virtual().value() + (memorySize - 1);
    if (Long.compareUnsigned(lastByte, segment.virtual().value()) < 0) {
      throw new GuestImageException(
          Reason.MALFORMED_SEGMENT,
          name,
          String.format(
              "segment %d, 0x%x bytes at virtual %s, wraps around 2^64",
              index, memorySize, segment.virtual()),
          "link it again");
    }
  }

  private static boolean isWithin(long start, long size, long limit) {
    return start >= 0 && size >= 0 && size <= limit && start <= limit - size;
  }

  private static void checkOverlap(String name, List<ElfSegment> sorted) {
    for (int i = 1; i < sorted.size(); i++) {
      ElfSegment lower = sorted.get(i - 1);
      ElfSegment upper = sorted.get(i);
      long distance = upper.physical().value() - lower.physical().value();
      if (Long.compareUnsigned(distance, lower.memorySize()) < 0) {
        throw new GuestImageException(
            Reason.SEGMENTS_OVERLAP,
            name,
            "segments " + lower + " and " + upper + " overlap in physical memory",
            "give them other load addresses");
      }
    }
  }
}
