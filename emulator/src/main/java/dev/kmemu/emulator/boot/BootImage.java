package dev.kmemu.emulator.boot;

import dev.kmemu.emulator.memory.PhysicalMemory;

/** An image with a kernel of its own. Immutable. */
public sealed interface BootImage
    permits FlatImage, LinuxImage, MultibootImage, Multiboot2Image, PvhImage {

  /** Returns what messages call the image. */
  String name();

  /** Returns the protocol that it is loaded by, for people. */
  String format();

  /**
   * Loads the image and what it gets into RAM that holds nothing yet.
   *
   * @throws GuestImageException when something doesn't fit, or isn't for this format
   */
  Loaded load(PhysicalMemory ram, BootRequest request);
}
