package dev.kmemu.emulator.boot;

import dev.kmemu.emulator.boot.GuestImageException.Reason;
import dev.kmemu.emulator.memory.PhysicalMemory;
import java.util.OptionalInt;

/** A kernel with a Multiboot header; Multiboot Specification, version 0.6.96. */
public final class MultibootImage implements BootImage {

  private static final int SEARCHED = 8192;
  private static final int HEADER_BYTES = 12;
  private static final int MAGIC = 0x1BADB002;
  private static final int HAS_ADDRESSES = 1 << 16;

  /** What a loader must understand: page alignment, memory, video, addresses. */
  private static final int KNOWN = 0x1_0007;

  private static final int MUST_BE_KNOWN = 0xFFFF;

  private final ImageFile file;
  private final int header;

  private MultibootImage(ImageFile file, int header) {
    this.file = file;
    this.header = header;
  }

  /** Whether the file has a Multiboot header. */
  static boolean matches(ImageFile file) {
    return find(file).isPresent();
  }

  private static OptionalInt find(ImageFile file) {
    for (int at = 0; at < SEARCHED && file.has(at, HEADER_BYTES); at += Integer.BYTES) {
      if (file.int32(at) == MAGIC
          && file.int32(at) + file.int32(at + 4) + file.int32(at + 8) == 0) {
        return OptionalInt.of(at);
      }
    }
    return OptionalInt.empty();
  }

  /** Checks the header. */
  static MultibootImage parse(ImageFile file) {
    OptionalInt header = find(file);
    if (header.isEmpty()) {
      throw new GuestImageException(
          Reason.MALFORMED_HEADER,
          file.name(),
          "has no Multiboot header (0x1badb002) in its first " + SEARCHED + " bytes",
          "name a Multiboot kernel");
    }
    int unknown = file.int32(header.getAsInt() + 4) & MUST_BE_KNOWN & ~KNOWN;
    if (unknown != 0) {
      throw new GuestImageException(
          Reason.MALFORMED_HEADER,
          file.name(),
          String.format("asks for Multiboot features 0x%x, which aren't there", unknown),
          "build it without them");
    }
    return new MultibootImage(file, header.getAsInt());
  }

  @Override
  public String name() {
    return file.name();
  }

  @Override
  public String format() {
    return "Multiboot, " + (hasAddresses() ? "addresses in its header" : "ELF");
  }

  @Override
  public Loaded load(PhysicalMemory ram, BootRequest request) {
    if (request.initrd().isPresent()) {
      throw new GuestImageException(
          Reason.WRONG_TYPE,
          name(),
          "is a Multiboot kernel, which takes no initrd",
          "give it a module instead, with --module");
    }
    LoadMap map = new LoadMap(name(), ram);
    MultibootInfo info = new MultibootInfo(map, request);
    long entry;
    if (hasAddresses()) {
      addresses().place(file, map);
      entry = file.unsigned32(header + 28);
    } else {
      ElfFile elf = ElfFile.parse(file);
      info.addSections(elf, elf.load(map));
      entry = elf.physicalEntry();
    }
    int eip = MultibootAddresses.checkedEntry(file, map, entry);
    return new Loaded(new EntryState.Multiboot(eip, (int) info.place()), map.parts());
  }

  private boolean hasAddresses() {
    return (file.int32(header + 4) & HAS_ADDRESSES) != 0;
  }

  private MultibootAddresses addresses() {
    return new MultibootAddresses(
        header,
        file.unsigned32(header + 12),
        file.unsigned32(header + 16),
        file.unsigned32(header + 20),
        file.unsigned32(header + 24));
  }
}
