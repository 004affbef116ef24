package dev.kmemu.emulator.boot;

import dev.kmemu.emulator.boot.GuestImageException.Reason;
import dev.kmemu.emulator.memory.PhysicalAddress;
import dev.kmemu.emulator.memory.PhysicalMemory;
import dev.kmemu.emulator.memory.VirtualAddress;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/**
 * A statically linked ELF64 executable for x86_64, loaded by physical address ({@code p_paddr}).
 * Immutable; every object has passed all checks that don't depend on a machine.
 */
public final class ElfImage {

  /** The largest file that {@link #read} reads, in bytes. */
  public static final long MAX_FILE_BYTES = 1L << 30;

  private final String name;
  private final byte[] file;
  private final VirtualAddress entry;
  private final List<ElfSegment> segments;

  private ElfImage(String name, byte[] file, VirtualAddress entry, List<ElfSegment> segments) {
    this.name = name;
    this.file = file;
    this.entry = entry;
    this.segments = segments;
  }

  /**
   * Reads and checks a file.
   *
   * @throws GuestImageException when it can't be read or loaded
   */
  public static ElfImage read(Path path) {
    String name = path.toString();
    if (!Files.isRegularFile(path)) {
      throw new GuestImageException(
          Reason.UNREADABLE,
          name,
          Files.exists(path) ? "isn't a regular file" : "no such file",
          "name an ELF64 executable for x86_64");
    }
    try {
      long size = Files.size(path);
      if (size > MAX_FILE_BYTES) {
        throw new GuestImageException(
            Reason.TOO_LARGE,
            name,
            "has " + size + " bytes, the limit is " + MAX_FILE_BYTES,
            "strip its debug information");
      }
      return parse(name, Files.readAllBytes(path));
    } catch (IOException e) {
      GuestImageException refused =
          new GuestImageException(
              Reason.UNREADABLE, name, "can't be read: " + e, "check its permissions");
      refused.initCause(e);
      throw refused;
    }
  }

  /**
   * Checks the bytes of a file, which the caller mustn't change afterwards. Allocates no more than
   * the file's own size suggests, whatever the headers say.
   *
   * @param name what messages call the image
   * @throws GuestImageException when it can't be loaded
   */
  public static ElfImage parse(String name, byte[] file) {
    ElfHeader header = ElfHeader.parse(name, file);
    List<ElfSegment> segments = ElfSegments.parse(name, file, header);
    return new ElfImage(name, file, new VirtualAddress(header.entry()), segments);
  }

  /** Returns what messages call the image. */
  public String name() {
    return name;
  }

  /** Returns {@code e_entry}. */
  public VirtualAddress entry() {
    return entry;
  }

  /** Returns the segments that occupy memory, at least one, by ascending physical address. */
  public List<ElfSegment> segments() {
    return segments;
  }

  /** Returns the lowest physical address that the image occupies. */
  public PhysicalAddress physicalStart() {
    return segments.get(0).physical();
  }

  /** Returns the first physical address above everything that the image occupies. */
  public PhysicalAddress physicalEnd() {
    return segments.get(segments.size() - 1).physicalEnd();
  }

  /** Returns where the loader puts the byte that the program expects at {@code address}. */
  public Optional<PhysicalAddress> physicalOf(VirtualAddress address) {
    for (ElfSegment segment : segments) {
      if (segment.contains(address)) {
        return Optional.of(segment.physical().plus(address.minus(segment.virtual())));
      }
    }
    return Optional.empty();
  }

  /**
   * Reads the symbol table. Symbols are a convenience: a table that makes no sense gives no symbols
   * instead of an error. Each call reads it anew.
   */
  public ElfSymbolTable symbols() {
    return ElfSymbolTable.parse(file);
  }

  /**
   * Copies every segment to its physical address and zeroes what the file doesn't hold. Writes
   * nothing unless all segments fit.
   *
   * @throws GuestImageException when RAM is too small
   */
  public void loadInto(PhysicalMemory ram) {
    for (ElfSegment segment : segments) {
      if (!ram.contains(segment.physical(), segment.memorySize())) {
        throw new GuestImageException(
            Reason.DOES_NOT_FIT_RAM,
            name,
            String.format(
                "needs RAM at [%s, %s), the guest has %s",
                segment.physical(), segment.physicalEnd(), ram.extent()),
            "give it at least " + (((physicalEnd().value() - 1) >>> 20) + 1) + "M");
      }
    }
    for (ElfSegment segment : segments) {
      ram.write(segment.physical(), file, (int) segment.fileOffset(), (int) segment.fileSize());
      ram.zero(
          segment.physical().plus(segment.fileSize()), segment.memorySize() - segment.fileSize());
    }
  }

  @Override
  public String toString() {
    return name;
  }
}
