package dev.kmemu.emulator.boot;

import dev.kmemu.emulator.boot.GuestImageException.Reason;
import dev.kmemu.emulator.memory.PhysicalMemory;

/** Bytes that are entered at the first one. */
public final class FlatImage implements BootImage {

  /** How a flat image is entered. */
  public enum Mode {
    /** Real mode, with CS = 0 below 64 KiB. */
    REAL(16, 0x7C00),
    /** 32-bit protected mode without paging. */
    PROTECTED(32, 0x10_0000),
    /** 64-bit mode, the first 4 GiB mapped one to one. */
    LONG(64, 0x20_0000);

    private final int bits;
    private final long address;

    Mode(int bits, long address) {
      this.bits = bits;
      this.address = address;
    }

    /** Returns 16, 32 or 64. */
    public int bits() {
      return bits;
    }

    /** Returns where an image goes that doesn't say. */
    public long address() {
      return address;
    }
  }

  private static final long REAL_MODE_END = 0x10_0000;

  private final ImageFile file;
  private final Mode mode;
  private final long address;

  FlatImage(ImageFile file, Mode mode, long address) {
    this.file = file;
    this.mode = mode;
    this.address = address;
  }

  @Override
  public String name() {
    return file.name();
  }

  @Override
  public String format() {
    return "flat binary, " + mode.bits() + "-bit";
  }

  @Override
  public Loaded load(PhysicalMemory ram, BootRequest request) {
    if (file.size() == 0) {
      throw new GuestImageException(Reason.EMPTY, name(), "is empty", "name another image");
    }
    requireNone(!request.commandLine().isEmpty(), "command line", "--append");
    requireNone(request.initrd().isPresent(), "initrd", "--initrd");
    requireNone(!request.modules().isEmpty(), "modules", "--module");
    if (mode == Mode.REAL && address > REAL_MODE_END - 16) {
      throw new GuestImageException(
          Reason.MALFORMED_HEADER,
          name(),
          String.format("is to be loaded at 0x%x, which real mode doesn't reach", address),
          "choose an address below 0xffff0");
    }
    if (mode == Mode.PROTECTED && address >>> 32 != 0) {
      throw new GuestImageException(
          Reason.MALFORMED_HEADER,
          name(),
          String.format("is to be loaded at 0x%x, which protected mode doesn't reach", address),
          "choose an address below 0x100000000");
    }
    LoadMap map = new LoadMap(name(), ram);
    map.place("image", address, file.bytes(), 0, file.size(), file.size());
    EntryState entry =
        switch (mode) {
          case REAL -> new EntryState.Real((int) (address >> 16) << 12, (int) (address & 0xFFFF));
          case PROTECTED -> new EntryState.Protected32((int) address);
          case LONG -> new EntryState.Long64(address, IdentityMap.place(map));
        };
    return new Loaded(entry, map.parts());
  }

  /** There is no protocol by which it would find any of it. */
  private void requireNone(boolean given, String what, String option) {
    if (given) {
      throw new GuestImageException(
          Reason.WRONG_TYPE,
          name(),
          "is a flat binary, which takes no " + what,
          "leave " + option + " out, or name a kernel of another format");
    }
  }
}
