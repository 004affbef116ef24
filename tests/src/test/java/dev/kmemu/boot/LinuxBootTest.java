package dev.kmemu.boot;

import static org.assertj.core.api.Assertions.assertThat;

import dev.kmemu.emulator.boot.BootRequest;
import dev.kmemu.emulator.machine.GuestOutcome;
import dev.kmemu.emulator.time.TimeMode;
import org.junit.jupiter.api.Test;

/** A distribution's Linux with a user space of one program. */
class LinuxBootTest {

  private static final String INIT =
      """
      #!/bin/busybox sh
      /bin/busybox mount -t devtmpfs dev /dev
      /bin/busybox mount -t proc proc /proc
      echo guest: $(/bin/busybox uname -s -m)
      echo guest: $(/bin/busybox dd if=/dev/zero bs=1M count=4 2>/dev/null | /bin/busybox md5sum)
      /bin/busybox sleep 1
      echo guest: $(/bin/busybox grep -c ttyS0 /proc/interrupts) serial interrupt line
      read line
      echo guest: heard $line
      /bin/busybox reboot -f
      """;

  private static final String SHORT_INIT =
      """
      #!/bin/busybox sh
      /bin/busybox mount -t devtmpfs dev /dev
      /bin/busybox mount -t proc proc /proc
      /bin/busybox sleep 0.2
      /bin/busybox awk '$1 == "LOC:" { print "guest: local timer", ($2 > 20 ? "works" : "stands") }
        $1 == "0:" { print "guest: timer", $3 }
        $NF == "ttyS0" { print "guest: serial", $3 }' /proc/interrupts
      /bin/busybox poweroff -f
      """;

  @Test
  void theCloudKernelRunsAUserSpaceThatComputesSleepsReadsAndReboots() throws Exception {
    BootRequest request = new UserSpace(INIT).request("console=ttyS0 panic=-1");
    try (BootedPc linux = new BootedPc(GuestImages.cloudKernel(), "128M", TimeMode.WALL, request)) {
      Thread typist = new Thread(() -> type(linux, "hello\n"));
      typist.setDaemon(true);
      typist.start();

      assertThat(linux.run()).as("%s", linux.serial()).isEqualTo(new GuestOutcome.Rebooted());

      assertThat(linux.serial())
          .contains("guest: Linux x86_64")
          .contains("guest: b5cfa9d6c8febd618f91ac2843d50a1c -")
          .contains("guest: 1 serial interrupt line")
          .contains("guest: heard hello")
          .contains("reboot: Restarting system");
    }
  }

  @Test
  void withApicsAndAcpiItTicksByTheLocalTimerAndSwitchesTheMachineOff() throws Exception {
    BootRequest request = new UserSpace(SHORT_INIT).request("console=ttyS0 panic=-1");
    try (BootedPc linux = new BootedPc(GuestImages.cloudKernel(), "128M", TimeMode.WALL, request)) {
      assertThat(linux.run()).as("%s", linux.serial()).isEqualTo(new GuestOutcome.PoweredOff());
      assertThat(linux.serial())
          .contains("guest: local timer works")
          .contains("guest: serial IO-APIC");
    }
  }

  @Test
  void withoutThemItTicksByThePit() throws Exception {
    BootRequest request =
        new UserSpace(SHORT_INIT).request("console=ttyS0 panic=-1 noapic nolapic acpi=off");
    try (BootedPc linux = new BootedPc(GuestImages.cloudKernel(), "128M", TimeMode.WALL, request)) {
      assertThat(linux.run()).as("%s", linux.serial()).isEqualTo(new GuestOutcome.Halted());
      assertThat(linux.serial())
          .contains("guest: local timer stands")
          .contains("guest: timer XT-PIC")
          .contains("guest: serial XT-PIC");
    }
  }

  private static void type(BootedPc linux, String text) {
    try {
      for (int i = 0; i < text.length(); i++) {
        while (!linux.pc().com1().receive(text.charAt(i))) {
          linux.pc().com1().awaitReady();
        }
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
