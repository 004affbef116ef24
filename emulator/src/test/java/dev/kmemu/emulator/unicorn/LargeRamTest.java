package dev.kmemu.emulator.unicorn;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.kmemu.emulator.cpu.CpuEngine;
import dev.kmemu.emulator.cpu.CpuExit;
import dev.kmemu.emulator.cpu.Register;
import dev.kmemu.emulator.memory.PhysicalAccessException;
import dev.kmemu.emulator.memory.PhysicalAddress;
import dev.kmemu.emulator.memory.PhysicalMemory;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HexFormat;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class LargeRamTest {

  private static final long GIB = 1L << 30;
  private static final long SIZE = 8 * GIB;

  private final PhysicalMemory ram = new PhysicalMemory(new AnonymousMapping(SIZE));

  @AfterEach
  void close() {
    ram.close();
  }

  private static long residentBytes() throws IOException {
    String line =
        Files.readAllLines(Path.of("/proc/self/status")).stream()
            .filter(l -> l.startsWith("VmRSS:"))
            .findFirst()
            .orElseThrow();
    return Long.parseLong(line.replaceAll("\\D", "")) << 10;
  }

  @Test
  void onlyTouchedPagesCostMemory() throws IOException {
    long before = residentBytes();
    for (long at = 0; at < SIZE; at += GIB / 4) {
      ram.store64(new PhysicalAddress(at), at);
    }
    assertThat(residentBytes() - before).isLessThan(GIB);
  }

  @Test
  void everyAccessCrossesTheBoundaryOfTwoBuffers() {
    for (long boundary = GIB; boundary < SIZE; boundary += GIB) {
      for (int before = 1; before < 8; before++) {
        PhysicalAddress at = new PhysicalAddress(boundary - before);
        ram.store64(at, 0x8877_6655_4433_2211L);
        assertThat(ram.load64(at)).isEqualTo(0x8877_6655_4433_2211L);
        assertThat(ram.load32(at)).isEqualTo(0x4433_2211);
        ram.store32(at, 0x0D0C_0B0A);
        assertThat(ram.load64(at)).isEqualTo(0x8877_6655_0D0C_0B0AL);
        byte[] bytes = new byte[8];
        ram.read(at, bytes, 0, 8);
        assertThat(HexFormat.of().formatHex(bytes)).isEqualTo("0a0b0c0d55667788");
        ram.write(new PhysicalAddress(boundary - 4), bytes, 0, 8);
        assertThat(ram.load64(new PhysicalAddress(boundary - 4))).isEqualTo(0x8877_6655_0D0C_0B0AL);
        ram.copy(new PhysicalAddress(boundary - 4), new PhysicalAddress(boundary - 100), 8);
        ram.copy(new PhysicalAddress(boundary - 100), new PhysicalAddress(boundary - 3), 8);
        assertThat(ram.load64(new PhysicalAddress(boundary - 3))).isEqualTo(0x8877_6655_0D0C_0B0AL);
        ram.zero(new PhysicalAddress(boundary - 8), 16);
        assertThat(ram.isZero(new PhysicalAddress(boundary - 8), 16)).isTrue();
      }
    }
    assertThatThrownBy(() -> ram.store64(new PhysicalAddress(SIZE - 7), 1))
        .isInstanceOf(PhysicalAccessException.class);
  }

  @Test
  void theGuestUsesTheLastByte() {
    try (CpuEngine cpu = UnicornLoader.load().createCpu(ram)) {
      ram.store64(new PhysicalAddress(0x1000), 0x2003);
      for (long gib = 0; gib < 8; gib++) {
        ram.store64(new PhysicalAddress(0x2000 + gib * 8), (gib << 30) | 0x83);
      }
      // mov al, [rsi]; inc byte [rsi]; hlt
      byte[] code = HexFormat.of().parseHex("8a06fe06f4");
      ram.write(new PhysicalAddress(0x10_0000), code, 0, code.length);
      PhysicalAddress last = new PhysicalAddress(SIZE - 1);
      ram.store8(last, 0x41);
      cpu.registers().write(Register.EFER, 0xD01);
      cpu.registers().write(Register.CR4, 0x620);
      cpu.registers().write(Register.CR3, 0x1000);
      cpu.registers().write(Register.CR0, 0x8005_0033L);
      cpu.registers().write(Register.RSI, SIZE - 1);
      cpu.registers().write(Register.RIP, 0x10_0000);
      assertThat(cpu.run()).isEqualTo(CpuExit.Halted.INSTANCE);
      assertThat(cpu.registers().read(Register.RAX) & 0xFF).isEqualTo(0x41);
      assertThat(ram.load8(last)).isEqualTo(0x42);
    }
  }
}
