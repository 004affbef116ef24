package dev.kmemu.emulator.boot;

import dev.kmemu.emulator.boot.GuestImageException.Reason;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalLong;

/**
 * An ELF file of either class as boot loaders see it: segments by physical address, notes and
 * sections; System V ABI, chapters 4 and 5.
 */
final class ElfFile {

  static final int PT_LOAD = 1;
  static final int PT_NOTE = 4;

  private static final int MAGIC = 0x464C457F;
  private static final int CLASS_64 = 2;
  private static final int LITTLE_ENDIAN = 1;
  private static final int EM_386 = 3;
  private static final int EM_X86_64 = 62;

  /**
   * A program header.
   *
   * @param offset where its bytes begin in the file
   */
  record Segment(
      int type, long offset, long virtual, long physical, long fileSize, long memorySize) {}

  private final ImageFile file;
  private final boolean wide;
  private final List<Segment> segments = new ArrayList<>();

  private ElfFile(ImageFile file) {
    this.file = file;
    this.wide = file.int8(4) == CLASS_64;
  }

  static boolean matches(ImageFile file) {
    return file.has(0, 64) && file.int32(0) == MAGIC;
  }

  /** Reads the program headers and checks those to load. */
  static ElfFile parse(ImageFile file) {
    if (!matches(file)) {
      throw new GuestImageException(
          Reason.NOT_ELF, file.name(), "isn't ELF", "name an ELF executable for x86");
    }
    int machine = file.int16(18);
    if (file.int8(5) != LITTLE_ENDIAN || (machine != EM_386 && machine != EM_X86_64)) {
      throw new GuestImageException(
          Reason.WRONG_MACHINE,
          file.name(),
          "is ELF for machine " + machine + ", only 3 (i386) and 62 (x86_64) run here",
          "name an ELF executable for x86");
    }
    ElfFile elf = new ElfFile(file);
    elf.readSegments();
    return elf;
  }

  long entry() {
    return wide ? file.int64(24) : file.unsigned32(24);
  }

  List<Segment> loadable() {
    return segments.stream().filter(s -> s.type() == PT_LOAD && s.memorySize() > 0).toList();
  }

  /**
   * Returns the address that a physical loader enters: an entry by virtual address is translated.
   */
  long physicalEntry() {
    long entry = entry();
    for (Segment segment : loadable()) {
      if (Long.compareUnsigned(entry - segment.virtual(), segment.memorySize()) < 0) {
        return segment.physical() + (entry - segment.virtual());
      }
    }
    return entry;
  }

  /** Places the segments; returns the first address above them. */
  long load(LoadMap map) {
    List<Segment> loadable = loadable();
    if (loadable.isEmpty()) {
      throw new GuestImageException(
          Reason.NOTHING_TO_LOAD,
          file.name(),
          "has no segment to load",
          "link it as an executable");
    }
    long end = 0;
    for (Segment segment : loadable) {
      map.place(
          "segment",
          segment.physical(),
          file.bytes(),
          (int) segment.offset(),
          (int) segment.fileSize(),
          segment.memorySize());
      end = Math.max(end, segment.physical() + segment.memorySize());
    }
    return end;
  }

  /** Returns the number in the note of {@code owner} and {@code type}, when there is one. */
  OptionalLong note(String owner, int type) {
    for (Segment segment : segments) {
      if (segment.type() != PT_NOTE || !file.has(segment.offset(), segment.fileSize())) {
        continue;
      }
      long at = segment.offset();
      long end = at + segment.fileSize();
      while (at <= end - 12) {
        long name = file.unsigned32(at);
        long size = file.unsigned32(at + 4);
        long data = at + 12 + ((name + 3) & -4);
        boolean found = file.int32(at + 8) == type && file.hasText(at + 12, owner);
        if (found && data <= end - size && size >= Integer.BYTES) {
          return OptionalLong.of(size >= Long.BYTES ? file.int64(data) : file.unsigned32(data));
        }
        at = data + ((size + 3) & -4);
      }
    }
    return OptionalLong.empty();
  }

  /** Returns where the section headers begin. */
  long sectionHeaders() {
    return wide ? file.int64(40) : file.unsigned32(32);
  }

  /** Returns the bytes of a section header. */
  int sectionHeaderBytes() {
    return file.int16(wide ? 58 : 46);
  }

  /** Returns the number of section headers, 0 when the table isn't in the file. */
  int sectionCount() {
    int count = file.int16(wide ? 60 : 48);
    int least = wide ? 64 : 40;
    return sectionHeaderBytes() >= least
            && file.has(sectionHeaders(), (long) count * sectionHeaderBytes())
        ? count
        : 0;
  }

  /** Returns the index of the section with the sections' names. */
  int sectionNames() {
    return file.int16(wide ? 62 : 50);
  }

  boolean isWide() {
    return wide;
  }

  ImageFile file() {
    return file;
  }

  private void readSegments() {
    long table = wide ? file.int64(32) : file.unsigned32(28);
    int bytes = file.int16(wide ? 54 : 42);
    int count = file.int16(wide ? 56 : 44);
    int least = wide ? 56 : 32;
    if (count > 0 && (bytes < least || !file.has(table, (long) bytes * count))) {
      throw new GuestImageException(
          Reason.MALFORMED_HEADER,
          file.name(),
          String.format(
              "has %d program headers of %d bytes at 0x%x, the file ends at 0x%x",
              count, bytes, table, file.size()),
          "copy it again");
    }
    for (int i = 0; i < count; i++) {
      Segment segment = segment(table + (long) i * bytes);
      if (segment.type() == PT_LOAD) {
        check(i, segment);
      }
      segments.add(segment);
    }
  }

  private Segment segment(long at) {
    return wide
        ? new Segment(
            file.int32(at),
            file.int64(at + 8),
            file.int64(at + 16),
            file.int64(at + 24),
            file.int64(at + 32),
            file.int64(at + 40))
        : new Segment(
            file.int32(at),
            file.unsigned32(at + 4),
            file.unsigned32(at + 8),
            file.unsigned32(at + 12),
            file.unsigned32(at + 16),
            file.unsigned32(at + 20));
  }

  private void check(int index, Segment segment) {
    if (!file.has(segment.offset(), segment.fileSize())) {
      throw new GuestImageException(
          Reason.SEGMENT_OUTSIDE_FILE,
          file.name(),
          String.format(
              "segment %d has its bytes at 0x%x+0x%x, the file ends at 0x%x",
              index, segment.offset(), segment.fileSize(), file.size()),
          "copy it again");
    }
    if (Long.compareUnsigned(segment.fileSize(), segment.memorySize()) > 0) {
      throw new GuestImageException(
          Reason.MALFORMED_SEGMENT,
          file.name(),
          String.format(
              "segment %d has 0x%x bytes in the file, but only 0x%x in memory",
              index, segment.fileSize(), segment.memorySize()),
          "link it again");
    }
  }
}
