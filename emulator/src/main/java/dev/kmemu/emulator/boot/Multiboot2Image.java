package dev.kmemu.emulator.boot;

import dev.kmemu.emulator.boot.GuestImageException.Reason;
import dev.kmemu.emulator.memory.PhysicalMemory;

/** A kernel with a Multiboot 2 header; Multiboot2 Specification, version 2.0. */
public final class Multiboot2Image implements BootImage {

  private final ImageFile file;
  private final Multiboot2Header header;

  private Multiboot2Image(ImageFile file, Multiboot2Header header) {
    this.file = file;
    this.header = header;
  }

  /** Whether the file has a Multiboot 2 header. */
  static boolean matches(ImageFile file) {
    return Multiboot2Header.find(file).isPresent();
  }

  /** Checks the header. */
  static Multiboot2Image parse(ImageFile file) {
    return new Multiboot2Image(file, Multiboot2Header.parse(file));
  }

  @Override
  public String name() {
    return file.name();
  }

  @Override
  public String format() {
    return "Multiboot 2, " + (header.addresses() != null ? "addresses in its header" : "ELF");
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
    Multiboot2Info info = new Multiboot2Info(map);
    MultibootAddresses addresses = header.addresses();
    long entry;
    if (addresses == null) {
      ElfFile elf = ElfFile.parse(file);
      info.addSections(elf, elf.load(map));
      entry = header.entry().orElse(elf.physicalEntry());
    } else {
      addresses.place(file, map);
      entry =
          header
              .entry()
              .orElseThrow(
                  () ->
                      new GuestImageException(
                          Reason.MALFORMED_HEADER,
                          name(),
                          "says where it goes, but not where it is entered",
                          "add an entry tag to its Multiboot 2 header"));
    }
    int eip = MultibootAddresses.checkedEntry(file, map, entry);
    return new Loaded(new EntryState.Multiboot2(eip, (int) info.place(request)), map.parts());
  }
}
