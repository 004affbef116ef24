package dev.kmemu.emulator.boot;

import dev.kmemu.emulator.boot.GuestImageException.Reason;
import dev.kmemu.emulator.memory.PhysicalMemory;
import java.util.List;

/**
 * A Linux kernel as distributions ship it, a bzImage, entered by the 64-bit boot protocol; Linux,
 * Documentation/arch/x86/boot.rst.
 */
public final class LinuxImage implements BootImage {

  private static final int SETUP_SECTORS = 0x1F1;
  private static final int BOOT_FLAG = 0x1FE;
  private static final int BOOT_MAGIC = 0xAA55;
  private static final int HEADER_END = 0x201;
  private static final int MAGIC = 0x202;
  private static final int VERSION = 0x206;
  private static final int KERNEL_VERSION = 0x20E;
  private static final int INITRD_MAX = 0x22C;
  private static final int XLOADFLAGS = 0x236;
  private static final int COMMAND_LINE_SIZE = 0x238;
  private static final int PREFERRED = 0x258;
  private static final int INIT_SIZE = 0x260;
  private static final int ENTRY_64 = 0x200;
  private static final int SECTOR = 512;
  private static final int DEFAULT_SECTORS = 4;
  private static final int OLDEST = 0x20C;
  private static final int HAS_64_BIT_ENTRY = 1;

  private static final int TYPE_OF_LOADER = 0x210;
  private static final int UNDEFINED_LOADER = 0xFF;
  private static final int LOADFLAGS = 0x211;
  private static final int LOADED_HIGH = 1;
  private static final int RAMDISK_IMAGE = 0x218;
  private static final int RAMDISK_SIZE = 0x21C;
  private static final int COMMAND_LINE = 0x228;
  private static final int ACPI_ROOT = 0x70;
  private static final int E820_COUNT = 0x1E8;
  private static final int E820_TABLE = 0x2D0;
  private static final int E820_ENTRY = 20;
  private static final int ZERO_PAGE = 4096;
  private static final long LOW = 0x1_0000;

  private final ImageFile file;

  private LinuxImage(ImageFile file) {
    this.file = file;
  }

  /** Whether the file has a Linux setup header. */
  static boolean matches(ImageFile file) {
    return file.hasText(MAGIC, "HdrS") && file.int16(BOOT_FLAG) == BOOT_MAGIC;
  }

  /** Checks the setup header. */
  static LinuxImage parse(ImageFile file) {
    if (!matches(file)) {
      throw new GuestImageException(
          Reason.MALFORMED_HEADER,
          file.name(),
          "has no Linux setup header (HdrS at 0x202)",
          "name a bzImage, such as a distribution's vmlinuz");
    }
    int version = file.int16(VERSION);
    if (version < OLDEST || (file.int16(XLOADFLAGS) & HAS_64_BIT_ENTRY) == 0) {
      throw new GuestImageException(
          Reason.WRONG_MACHINE,
          file.name(),
          String.format(
              "is a Linux image of boot protocol %d.%02d without a 64-bit entry",
              version >> 8, version & 0xFF),
          "name a kernel for x86_64, Linux 3.8 or later");
    }
    return new LinuxImage(file);
  }

  @Override
  public String name() {
    return file.name();
  }

  @Override
  public String format() {
    int version = file.int16(VERSION);
    return String.format(
        "Linux bzImage, boot protocol %d.%02d%s", version >> 8, version & 0xFF, kernelVersion());
  }

  @Override
  public Loaded load(PhysicalMemory ram, BootRequest request) {
    if (!request.modules().isEmpty()) {
      throw new GuestImageException(
          Reason.WRONG_TYPE,
          name(),
          "is a Linux kernel, which takes no modules",
          "give it an initrd instead");
    }
    LoadMap map = new LoadMap(name(), ram);
    long kernel = placeKernel(map);
    BootStructure zero = new BootStructure(ZERO_PAGE);
    int header = file.int8(HEADER_END) + MAGIC - SETUP_SECTORS;
    zero.bytes(SETUP_SECTORS, file.bytes(), SETUP_SECTORS, Math.min(header, 0x290 - SETUP_SECTORS));
    zero.int8(TYPE_OF_LOADER, UNDEFINED_LOADER);
    zero.int8(LOADFLAGS, file.int8(LOADFLAGS) | LOADED_HIGH);
    zero.int32(COMMAND_LINE, placeCommandLine(map, request.commandLine()));
    request.initrd().ifPresent(initrd -> placeInitrd(map, zero, initrd));
    memory(zero, ram);
    screen(zero);
    RootPointer.find(ram).ifPresent(root -> zero.int64(ACPI_ROOT, root));
    long tables = IdentityMap.place(map);
    long gdt = LinuxDescriptors.place(map);
    long page = map.placeLow("zero page", zero.toBytes(), LOW, LoadMap.LOW_END, ZERO_PAGE).value();
    return new Loaded(new EntryState.Linux64(kernel + ENTRY_64, page, tables, gdt), map.parts());
  }

  private long placeKernel(LoadMap map) {
    int sectors = file.int8(SETUP_SECTORS);
    int from = ((sectors == 0 ? DEFAULT_SECTORS : sectors) + 1) * SECTOR;
    if (from >= file.size()) {
      throw new GuestImageException(
          Reason.TRUNCATED,
          name(),
          String.format("has its kernel at 0x%x, the file ends at 0x%x", from, file.size()),
          "copy it again");
    }
    int count = file.size() - from;
    long bytes = Math.max(count, file.unsigned32(INIT_SIZE));
    // Relocatable or not: the 64-bit entry moves a kernel up to this address, never below it.
    long start = file.int64(PREFERRED);
    map.place("kernel", start, file.bytes(), from, count, bytes);
    return start;
  }

  private long placeCommandLine(LoadMap map, String text) {
    long most = file.unsigned32(COMMAND_LINE_SIZE);
    if (text.length() > most) {
      throw new GuestImageException(
          Reason.TOO_LARGE,
          name(),
          "takes a command line of " + most + " characters, not " + text.length(),
          "shorten --append");
    }
    return map.placeText("command line", text, LOW).value();
  }

  private void placeInitrd(LoadMap map, BootStructure zero, BootModule initrd) {
    long most = file.unsigned32(INITRD_MAX) + 1;
    long start =
        map.placeHigh("initrd " + initrd.name(), initrd.bytes(), LoadMap.HIGH_START, most, 4096)
            .value();
    zero.int32(RAMDISK_IMAGE, start);
    zero.int32(RAMDISK_SIZE, initrd.bytes().length);
  }

  private static void memory(BootStructure zero, PhysicalMemory ram) {
    List<MemoryMap.Range> ranges = MemoryMap.of(ram);
    zero.int8(E820_COUNT, ranges.size());
    int at = E820_TABLE;
    for (MemoryMap.Range range : ranges) {
      zero.int64(at, range.start()).int64(at + 8, range.bytes()).int32(at + 16, range.type());
      at += E820_ENTRY;
    }
  }

  /** The text mode that a BIOS leaves behind: 80 by 25, VGA. */
  private static void screen(BootStructure zero) {
    zero.int8(0x06, 3).int8(0x07, 80).int8(0x0E, 25).int8(0x0F, 1).int16(0x10, 16);
  }

  private String kernelVersion() {
    long at = file.int16(KERNEL_VERSION) + (long) SECTOR;
    StringBuilder text = new StringBuilder(", ");
    for (int i = 0; file.has(at + i, 1) && i < 64; i++) {
      int character = file.int8(at + i);
      if (character <= ' ' || character >= 0x7F) {
        break;
      }
      text.append((char) character);
    }
    return text.length() > 2 ? text.toString() : "";
  }
}
