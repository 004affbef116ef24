package dev.kmemu.emulator.pc;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.kmemu.emulator.device.PicPair;
import dev.kmemu.emulator.machine.RamSize;
import dev.kmemu.emulator.memory.PhysicalAddress;
import dev.kmemu.emulator.memory.PhysicalMemory;
import dev.kmemu.emulator.unicorn.UnicornLoader;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Collections;
import java.util.EnumSet;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What a PC consists of. */
class PcDevicesTest {

  private static PcMachine pc(String ram, EnumSet<PcDevice> devices) {
    return new PcMachine(
        UnicornLoader.load(), RamSize.parse(ram), PcOptions.standard().withDevices(devices));
  }

  private static String text(PhysicalMemory ram, long at) {
    byte[] bytes = new byte[4];
    ram.read(new PhysicalAddress(at), bytes, 0, 4);
    return new String(bytes, StandardCharsets.US_ASCII);
  }

  @ParameterizedTest
  @CsvSource({"PIT, 43", "RTC, 70", "ACPI, 600", "ACPI, 608", "FIRMWARE_CONFIG, 510", "TEST, E0"})
  void aDeviceThatIsTakenAwayLeavesNothingAtItsPorts(PcDevice device, String port) {
    int at = Integer.parseInt(port, 16);
    try (PcMachine whole = pc("16M", EnumSet.allOf(PcDevice.class));
        PcMachine without = pc("16M", EnumSet.complementOf(EnumSet.of(device)))) {
      int count = whole.machine().ports().devices().size();
      assertThat(without.machine().ports().devices()).hasSize(count - 1);
      assertThat(without.machine().ports().read(at, 4)).isEqualTo(-1);
    }
  }

  @Test
  void aPcHasRoomForSixVirtioDevices() {
    PcOptions options = PcOptions.standard().withDisks(Collections.nCopies(5, new EmptyDisk(512)));
    new PcMachine(UnicornLoader.load(), RamSize.parse("16M"), options).close();
    PcOptions more = options.withConsole(c -> {});
    assertThatThrownBy(() -> new PcMachine(UnicornLoader.load(), RamSize.parse("16M"), more))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("room for 6 virtio devices: leave one out");
  }

  @Test
  void thereAreNoApicsAndNoTablesOfThemWithoutThem() {
    try (PcMachine whole = pc("16M", EnumSet.allOf(PcDevice.class));
        PcMachine bare = pc("16M", EnumSet.noneOf(PcDevice.class))) {
      assertThat(whole.machine().mmio().read(0xFEE0_0030L, 4)).isEqualTo(0x5_0014);
      assertThat(text(whole.machine().ram(), 0xF0000)).isEqualTo("_MP_");
      assertThat(text(whole.machine().ram(), 0xE0000)).isEqualTo("RSD ");
      assertThat(bare.machine().mmio().devices()).isEmpty();
      assertThat(text(bare.machine().ram(), 0xF0000)).isEqualTo("\0\0\0\0");
      assertThat(text(bare.machine().ram(), 0xE0000)).isEqualTo("\0\0\0\0");
    }
  }

  @Test
  void theMultiprocessorTableAddsUpAndCountsItsEntries() {
    try (PcMachine pc = pc("16M", EnumSet.allOf(PcDevice.class))) {
      PhysicalMemory ram = pc.machine().ram();
      byte[] pointer = new byte[16];
      ram.read(new PhysicalAddress(0xF0000), pointer, 0, pointer.length);
      assertThat(sum(pointer)).isZero();
      long table = ram.load32(new PhysicalAddress(0xF0004));
      assertThat(text(ram, table)).isEqualTo("PCMP");
      byte[] bytes = new byte[ram.load32(new PhysicalAddress(table + 4)) & 0xFFFF];
      ram.read(new PhysicalAddress(table), bytes, 0, bytes.length);
      assertThat(sum(bytes)).isZero();
      int entries = 0;
      int at = 44;
      for (; at < bytes.length; at += bytes[at] == 0 ? 20 : 8) {
        entries++;
      }
      assertThat(at).isEqualTo(bytes.length);
      assertThat(entries).isEqualTo(bytes[34]).isEqualTo(1 + 1 + 1 + 15 + 2);
      assertThat(bytes).containsSequence(3, 0, 0, 0, 0, 0, 0, 2);
    }
  }

  private static int sum(byte[] bytes) {
    int sum = 0;
    for (byte b : bytes) {
      sum += b;
    }
    return sum & 0xFF;
  }

  @Test
  void aPcOf4GibHasOneOfThemBehindTheDevices() {
    try (PcMachine pc = pc("4G", EnumSet.allOf(PcDevice.class))) {
      assertThat(pc.machine().ram().extent())
          .isEqualTo("[0x0, 0xc0000000) and [0x100000000, 0x140000000)");
      pc.machine().ports().write(0x510, 2, 3);
      long size = 0;
      for (int i = 0; i < 8; i++) {
        size |= (long) pc.machine().ports().read(0x511, 1) << (8 * i);
      }
      assertThat(size).isEqualTo(4L << 30);
    }
  }

  @Test
  void anIsaLineReachesPicAndIoApic() {
    try (PcMachine pc = pc("16M", EnumSet.allOf(PcDevice.class))) {
      var ports = pc.machine().ports();
      var mmio = pc.machine().mmio();
      mmio.write(0xFEC0_0000L, 4, 0x10 + 2 * 4);
      mmio.write(0xFEC0_0010L, 4, 0x34);
      // A divisor of 1, loopback off, OUT2 to let interrupts out, transmitter-empty interrupts.
      ports.write(0x3FC, 1, 0x08);
      ports.write(0x3F9, 1, 0x02);
      mmio.read(0xFEE0_0210L, 4);
      assertThat(mmio.read(0xFEE0_0210L, 4) & 1 << 20).as("IRR of 0x34").isNotZero();
      assertThat(pc.pic().register(PicPair.Register.REQUESTED)).isEqualTo(1 << 4);
    }
  }

  @Test
  void aKeyIsHeldUntilAnotherIsPressed() {
    try (PcMachine pc = pc("16M", EnumSet.of(PcDevice.KEYBOARD))) {
      PcKeyboard keyboard = pc.keyboard().orElseThrow();
      Keystroke a = new Keystroke(0x1E, 0);
      assertThat(keyboard.press(a)).isTrue();
      assertThat(keyboard.press(a)).isTrue();
      assertThat(keyboard.press(new Keystroke(0x30, Keystroke.SHIFT))).isTrue();
      List<Integer> codes = new ArrayList<>();
      while ((pc.machine().ports().read(0x64, 1) & 1) != 0) {
        codes.add(pc.machine().ports().read(0x60, 1));
      }
      assertThat(codes).containsExactly(0x1E, 0x1E, 0x9E, 0x2A, 0x30);
    }
  }

  @Test
  void withoutAKeyboardItsControllerSaysSo() {
    try (PcMachine pc = pc("16M", EnumSet.noneOf(PcDevice.class))) {
      assertThat(pc.keyboard()).isEmpty();
      pc.machine().ports().write(0x60, 1, 0xFF);
      assertThat(pc.machine().ports().read(0x64, 1) & 0x41).as("timed out").isEqualTo(0x41);
    }
  }
}
