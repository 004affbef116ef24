package dev.kmemu.emulator.boot;

import dev.kmemu.emulator.boot.GuestImageException.Reason;
import java.nio.file.Path;
import java.util.OptionalLong;
import org.jspecify.annotations.Nullable;

/** Finds out by which protocol an image is loaded. */
public final class BootImages {

  /** The protocols, as {@code --format} names them. */
  public enum Format {
    /** {@link LinuxImage}. */
    LINUX,
    /** {@link MultibootImage}. */
    MULTIBOOT,
    /** {@link Multiboot2Image}. */
    MULTIBOOT2,
    /** {@link PvhImage}. */
    PVH,
    /** {@link FlatImage} in real mode. */
    FLAT16,
    /** {@link FlatImage} in 32-bit protected mode. */
    FLAT32,
    /** {@link FlatImage} in 64-bit mode. */
    FLAT64;

    /** Whether images of the format have neither headers nor a place of their own. */
    public boolean isFlat() {
      return this == FLAT16 || this == FLAT32 || this == FLAT64;
    }
  }

  private BootImages() {}

  /**
   * Reads an image; one that gzip has compressed is unpacked.
   *
   * @param format the protocol, or null to find it out from the file's content
   * @param address where a flat image goes, empty for the mode's own place
   * @throws GuestImageException when it can't be read, or no protocol fits
   */
  public static BootImage read(Path path, @Nullable Format format, OptionalLong address) {
    return parse(ImageFile.read(path, "a kernel or a flat binary"), format, address);
  }

  /**
   * As {@link #read}, with the bytes of a file.
   *
   * @param name what messages call the image
   */
  public static BootImage parse(
      String name, byte[] bytes, @Nullable Format format, OptionalLong address) {
    return parse(new ImageFile(name, bytes), format, address);
  }

  private static BootImage parse(
      ImageFile compressed, @Nullable Format format, OptionalLong address) {
    ImageFile file = Gzip.unpacked(compressed);
    Format chosen = format == null ? detect(file) : format;
    return switch (chosen) {
      case LINUX -> LinuxImage.parse(file);
      case MULTIBOOT -> MultibootImage.parse(file);
      case MULTIBOOT2 -> Multiboot2Image.parse(file);
      case PVH -> PvhImage.parse(file);
      case FLAT16 -> flat(file, FlatImage.Mode.REAL, address);
      case FLAT32 -> flat(file, FlatImage.Mode.PROTECTED, address);
      case FLAT64 -> flat(file, FlatImage.Mode.LONG, address);
    };
  }

  private static Format detect(ImageFile file) {
    if (LinuxImage.matches(file)) {
      return Format.LINUX;
    } else if (MultibootImage.matches(file)) {
      return Format.MULTIBOOT;
    } else if (Multiboot2Image.matches(file)) {
      return Format.MULTIBOOT2;
    } else if (PvhImage.matches(file)) {
      return Format.PVH;
    }
    if (file.size() == 0) {
      throw new GuestImageException(Reason.EMPTY, file.name(), "is empty", "name another image");
    }
    throw new GuestImageException(
        Reason.UNKNOWN_FORMAT,
        file.name(),
        ElfFile.matches(file)
            ? "is ELF, but neither Multiboot nor PVH"
            : "is neither a Linux, nor a Multiboot, nor a PVH image",
        "say --format flat16, flat32 or flat64 for a flat binary");
  }

  private static BootImage flat(ImageFile file, FlatImage.Mode mode, OptionalLong address) {
    return new FlatImage(file, mode, address.orElse(mode.address()));
  }
}
