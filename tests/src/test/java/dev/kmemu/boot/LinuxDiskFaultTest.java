package dev.kmemu.boot;

import static org.assertj.core.api.Assertions.assertThat;

import dev.kmemu.emulator.fault.DeviceFault;
import dev.kmemu.emulator.machine.GuestOutcome;
import dev.kmemu.emulator.pc.PcOptions;
import dev.kmemu.emulator.virtio.RawImage;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Debian's cloud kernel with a disk that can't be read. */
class LinuxDiskFaultTest {

  private static final String INIT =
      """
      #!/bin/busybox sh
      b=/bin/busybox
      $b mount -t devtmpfs dev /dev
      for m in virtio virtio_ring virtio_mmio virtio_blk; do
        $b insmod /modules/$m.ko
      done
      $b dd if=/dev/vda of=/dev/null bs=512 count=1 2>/dev/null || echo guest: refused
      $b poweroff -f
      """;

  @Test
  void theKernelTellsOfAnInputErrorAndTheProgramGetsIt(@TempDir Path directory) throws Exception {
    Path file = Files.write(directory.resolve("disk.img"), new byte[1 << 20]);
    try (RawImage raw = RawImage.open(file);
        BootedPc linux =
            new BootedPc(
                GuestImages.cloudKernel(),
                "128M",
                PcOptions.standard()
                    .withDisks(List.of(raw))
                    .withFaults(List.of(DeviceFault.parse("disk0:fail-read"))),
                new UserSpace(INIT)
                    .withModules(List.of("virtio", "virtio_ring", "virtio_mmio", "virtio_blk"))
                    .request("console=ttyS0 panic=-1"))) {
      assertThat(linux.run()).as("%s", linux.serial()).isEqualTo(new GuestOutcome.PoweredOff());
      assertThat(linux.serial())
          .contains("I/O error, dev vda, sector 0 op 0x0:(READ)")
          .contains("guest: refused");
    }
  }
}
