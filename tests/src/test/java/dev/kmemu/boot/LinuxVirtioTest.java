package dev.kmemu.boot;

import static org.assertj.core.api.Assertions.assertThat;

import dev.kmemu.emulator.boot.BootModule;
import dev.kmemu.emulator.boot.BootRequest;
import dev.kmemu.emulator.machine.GuestOutcome;
import dev.kmemu.emulator.pc.PcOptions;
import dev.kmemu.emulator.virtio.CopyOnWriteImage;
import dev.kmemu.emulator.virtio.RawImage;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A distribution's own virtio drivers find and use the devices. */
class LinuxVirtioTest {

  /** The CPU is held for each try. */
  private static final long PAUSE_NANOS = 5_000_000;

  private static final String INIT =
      """
      #!/bin/busybox sh
      b=/bin/busybox
      $b mount -t devtmpfs dev /dev
      $b mount -t proc proc /proc
      for m in virtio virtio_ring virtio_mmio virtio_blk virtio-rng virtio_console; do
        $b insmod /modules/$m.ko
      done
      echo guest: sum $($b dd if=/dev/vda bs=64k 2>/dev/null | $b md5sum)
      echo written by the guest | $b dd of=/dev/vda bs=512 seek=5 conv=notrunc 2>/dev/null
      $b sync
      echo 3 > /proc/sys/vm/drop_caches
      echo guest: sector $($b dd if=/dev/vda bs=512 skip=5 count=1 2>/dev/null | $b head -n 1)
      echo guest: random $($b dd if=/dev/hwrng bs=32 count=1 2>/dev/null | $b wc -c)
      $b stty -F /dev/hvc0 raw
      echo said on the console > /dev/hvc0
      read line < /dev/hvc0
      echo guest: heard $line
      $b poweroff -f
      """;

  private static BootRequest request() throws IOException {
    CpioArchive archive =
        new CpioArchive()
            .directory("dev")
            .directory("proc")
            .directory("bin")
            .directory("modules")
            .device("dev/console", 5, 1)
            .program("bin/busybox", Files.readAllBytes(GuestImages.busybox()))
            .program("init", INIT.getBytes(StandardCharsets.US_ASCII));
    for (String module :
        List.of(
            "virtio", "virtio_ring", "virtio_mmio", "virtio_blk", "virtio-rng", "virtio_console")) {
      archive.program("modules/" + module + ".ko", Files.readAllBytes(GuestImages.module(module)));
    }
    return new BootRequest(
        "console=ttyS0 panic=-1",
        Optional.of(new BootModule("initrd", "", archive.finish())),
        List.of());
  }

  @Test
  void theDriversReadAndWriteADiskTakeRandomNumbersAndTalkOnAConsole(@TempDir Path directory)
      throws Exception {
    byte[] contents = new byte[1 << 20];
    Arrays.fill(contents, (byte) 'k');
    Path file = Files.write(directory.resolve("disk.img"), contents);
    StringBuilder console = new StringBuilder();
    try (RawImage raw = RawImage.open(file);
        BootedPc linux =
            new BootedPc(
                GuestImages.cloudKernel(),
                "128M",
                PcOptions.standard()
                    .withDisks(List.of(new CopyOnWriteImage("0", raw, 1 << 20)))
                    .withConsole(c -> console.append((char) c)),
                request())) {
      Thread typist = new Thread(() -> type(linux, "typed by a person\n"));
      typist.setDaemon(true);
      typist.start();

      assertThat(linux.run()).as("%s", linux.serial()).isEqualTo(new GuestOutcome.PoweredOff());

      assertThat(linux.serial())
          .contains("guest: sum 145e74438ada759bab8fa09c3c5383ed")
          .contains("guest: sector written by the guest")
          .contains("guest: random 32")
          .contains("guest: heard typed by a person");
      assertThat(console).contains("said on the console");
    }
    assertThat(file).hasBinaryContent(contents);
  }

  private static void type(BootedPc linux, String text) {
    for (int i = 0; i < text.length(); ) {
      if (linux.pc().console().orElseThrow().type(text.charAt(i))) {
        i++;
      } else {
        LockSupport.parkNanos(PAUSE_NANOS);
      }
    }
  }
}
