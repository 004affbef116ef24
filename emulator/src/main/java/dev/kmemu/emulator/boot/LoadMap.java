package dev.kmemu.emulator.boot;

import dev.kmemu.emulator.boot.GuestImageException.Reason;
import dev.kmemu.emulator.memory.PhysicalAddress;
import dev.kmemu.emulator.memory.PhysicalMemory;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;

/**
 * What is where in RAM while an image is loaded. Each part fits and overlaps no other; what doesn't
 * is an error that says who needs how much where.
 */
final class LoadMap {

  /** Where the legacy hole begins: video memory and ROMs. */
  static final long LOW_END = 0x9_F000;

  /** Where memory goes on above the hole. */
  static final long HIGH_START = 0x10_0000;

  private final String image;
  private final PhysicalMemory ram;
  private final List<LoadedPart> parts = new ArrayList<>();

  LoadMap(String image, PhysicalMemory ram) {
    this.image = image;
    this.ram = ram;
  }

  String image() {
    return image;
  }

  PhysicalMemory ram() {
    return ram;
  }

  List<LoadedPart> parts() {
    return parts.stream().sorted(Comparator.comparing(LoadedPart::start)).toList();
  }

  /** Keeps a range for {@code what}. */
  PhysicalAddress reserve(String what, long start, long bytes) {
    if (bytes <= 0 || !ram.contains(start, bytes)) {
      throw new GuestImageException(
          Reason.DOES_NOT_FIT_RAM,
          image,
          String.format(
              "%s needs RAM at [0x%x, 0x%x), the guest has %s",
              what, start, start + bytes, ram.extent()),
          wayOut(start, bytes));
    }
    for (LoadedPart part : parts) {
      if (start < part.end().value() && part.start().value() < start + bytes) {
        throw new GuestImageException(
            Reason.SEGMENTS_OVERLAP,
            image,
            String.format(
                "%s at [0x%x, 0x%x) overlaps %s at [%s, %s)",
                what, start, start + bytes, part.what(), part.start(), part.end()),
            "give one of them another address, or the guest more RAM with --ram");
      }
    }
    LoadedPart part = new LoadedPart(what, new PhysicalAddress(start), bytes);
    parts.add(part);
    return part.start();
  }

  /** Keeps a range for {@code what} and fills it, the rest with zeros. */
  PhysicalAddress place(String what, long start, byte[] contents, int from, int count, long bytes) {
    PhysicalAddress at = reserve(what, start, bytes);
    ram.write(at, contents, from, count);
    ram.zero(at.plus(count), bytes - count);
    return at;
  }

  /** Places {@code contents} where there is room in [{@code low}, {@code high}), low ones first. */
  PhysicalAddress placeLow(String what, byte[] contents, long low, long high, long alignment) {
    long bytes = Math.max(1, contents.length);
    return place(
        what, room(what, bytes, low, high, alignment, true), contents, 0, contents.length, bytes);
  }

  /** As {@link #placeLow}, high addresses first. */
  PhysicalAddress placeHigh(String what, byte[] contents, long low, long high, long alignment) {
    long bytes = Math.max(1, contents.length);
    return place(
        what, room(what, bytes, low, high, alignment, false), contents, 0, contents.length, bytes);
  }

  /** Places a text with a NUL behind it in low memory. */
  PhysicalAddress placeText(String what, String text, long low) {
    byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
    return placeLow(what, Arrays.copyOf(bytes, bytes.length + 1), low, LOW_END, 16);
  }

  private long room(
      String what, long bytes, long low, long high, long alignment, boolean lowFirst) {
    long end = Math.min(high, ram.holeStart());
    List<LoadedPart> taken = parts();
    long best = -1;
    long from = low;
    for (int i = 0; i <= taken.size(); i++) {
      long to = i < taken.size() ? Math.min(end, taken.get(i).start().value()) : end;
      long candidate = lowFirst ? (from + alignment - 1) & -alignment : (to - bytes) & -alignment;
      if (candidate >= from && candidate >= low && candidate <= to - bytes) {
        best = candidate;
        if (lowFirst) {
          return best;
        }
      }
      if (i < taken.size()) {
        from = Math.max(from, taken.get(i).end().value());
      }
    }
    if (best < 0) {
      throw new GuestImageException(
          Reason.DOES_NOT_FIT_RAM,
          image,
          String.format(
              "%s needs 0x%x free bytes in [0x%x, 0x%x), the guest has %s",
              what, bytes, low, high, ram.extent()),
          "give the guest more RAM with --ram");
    }
    return best;
  }

  private static String wayOut(long start, long bytes) {
    long end = start + bytes;
    return end > 0 && end <= 1L << 36
        ? "give it at least " + (((end - 1) >>> 20) + 1) + "M"
        : "link it at a lower address";
  }
}
