package dev.kmemu.boot;

import dev.kmemu.emulator.boot.BootModule;
import dev.kmemu.emulator.boot.BootRequest;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.util.List;
import java.util.Optional;

/** A Linux user space of one shell script, with busybox and a console. */
final class UserSpace {

  private final CpioArchive archive;

  /** Takes the script that is /init. */
  UserSpace(String init) throws IOException {
    archive =
        new CpioArchive()
            .directory("dev")
            .directory("proc")
            .directory("bin")
            .directory("modules")
            .device("dev/console", 5, 1)
            .program("bin/busybox", Files.readAllBytes(GuestImages.busybox()))
            .program("init", init.getBytes(StandardCharsets.US_ASCII));
  }

  /** Adds modules of the kernel, as /modules/NAME.ko. */
  UserSpace withModules(List<String> names) throws IOException {
    for (String name : names) {
      archive.program("modules/" + name + ".ko", Files.readAllBytes(GuestImages.module(name)));
    }
    return this;
  }

  /** Returns what boots it. */
  BootRequest request(String commandLine) {
    BootModule initrd = new BootModule("initrd", "", archive.finish());
    return new BootRequest(commandLine, Optional.of(initrd), List.of());
  }
}
