package dev.kmemu.boot;

import static org.assertj.core.api.Assertions.assertThat;

import dev.kmemu.emulator.boot.BootRequest;
import dev.kmemu.emulator.time.TimeMode;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/** A compressed Multiboot kernel in ELF. */
class GnuMachTest {

  @Test
  void gnuMachFindsItsMemoryAndMissesItsServers() {
    BootRequest request = new BootRequest("console=com0", Optional.empty(), List.of());
    try (BootedPc mach = new BootedPc(GuestImages.gnuMach(), "64M", TimeMode.WALL, request)) {
      mach.runUntil("No bootstrap code loaded");

      assertThat(mach.serial())
          .contains("GNU Mach 1.8")
          .contains("000000000000100000:000000000004000000, available");
    }
  }
}
