package dev.kmemu.boot;

import static org.assertj.core.api.Assertions.assertThat;

import dev.kmemu.emulator.machine.GuestOutcome;
import dev.kmemu.emulator.pc.PcOptions;
import dev.kmemu.emulator.virtio.CopyOnWriteImage;
import dev.kmemu.emulator.virtio.RawImage;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.locks.LockSupport;
import java.util.function.IntConsumer;
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
      exec 3<>/dev/hvc0
      $b stty raw <&3
      echo said on the console >&3
      read line <&3
      echo guest: heard $line
      $b poweroff -f
      """;

  private static final List<String> DRIVERS =
      List.of("virtio", "virtio_ring", "virtio_mmio", "virtio_blk", "virtio-rng", "virtio_console");

  @Test
  void theDriversReadAndWriteADiskTakeRandomNumbersAndTalkOnAConsole(@TempDir Path directory)
      throws Exception {
    byte[] contents = new byte[1 << 20];
    Arrays.fill(contents, (byte) 'k');
    Path file = Files.write(directory.resolve("disk.img"), contents);
    Console console = new Console();
    try (RawImage raw = RawImage.open(file);
        BootedPc linux =
            new BootedPc(
                GuestImages.cloudKernel(),
                "128M",
                PcOptions.standard()
                    .withDisks(List.of(new CopyOnWriteImage("0", raw, 1 << 20)))
                    .withConsole(console),
                new UserSpace(INIT).withModules(DRIVERS).request("console=ttyS0 panic=-1"))) {
      Thread typist = new Thread(() -> answer(linux, console, "typed by a person\n"));
      typist.setDaemon(true);
      typist.start();

      assertThat(linux.run()).as("%s", linux.serial()).isEqualTo(new GuestOutcome.PoweredOff());

      assertThat(linux.serial())
          .contains("guest: sum 145e74438ada759bab8fa09c3c5383ed")
          .contains("guest: sector written by the guest")
          .contains("guest: random 32")
          .contains("guest: heard typed by a person");
      assertThat(console.text()).contains("said on the console");
    }
    assertThat(file).hasBinaryContent(contents);
  }

  /** What the guest has said on its virtio console. */
  private static final class Console implements IntConsumer {

    private final StringBuilder said = new StringBuilder();

    @Override
    public synchronized void accept(int character) {
      said.append((char) character);
      notifyAll();
    }

    synchronized String text() {
      return said.toString();
    }

    synchronized void await(String text) {
      try {
        while (said.indexOf(text) < 0) {
          wait();
        }
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
      }
    }
  }

  private static void answer(BootedPc linux, Console console, String text) {
    console.await("said on the console");
    for (int i = 0; i < text.length(); ) {
      if (linux.pc().console().orElseThrow().type(text.charAt(i))) {
        i++;
      } else {
        LockSupport.parkNanos(PAUSE_NANOS);
      }
    }
  }
}
