package dev.kmemu.emulator.boot;

import java.util.List;
import java.util.Optional;

/**
 * What an image gets beside itself.
 *
 * @param commandLine the kernel's arguments, possibly empty
 * @param initrd the initial RAM disk of a Linux kernel
 * @param modules what a Multiboot or PVH kernel finds loaded, in order
 */
public record BootRequest(
    String commandLine, Optional<BootModule> initrd, List<BootModule> modules) {

  /** Copies the list. */
  public BootRequest {
    modules = List.copyOf(modules);
  }

  /** Nothing but the image. */
  public static BootRequest none() {
    return new BootRequest("", Optional.empty(), List.of());
  }
}
