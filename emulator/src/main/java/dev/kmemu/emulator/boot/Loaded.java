package dev.kmemu.emulator.boot;

import java.util.List;

/**
 * An image in RAM.
 *
 * @param entry how the CPU enters it
 * @param parts what is where, by ascending address
 */
public record Loaded(EntryState entry, List<LoadedPart> parts) {

  /** Copies the list. */
  public Loaded {
    parts = List.copyOf(parts);
  }
}
