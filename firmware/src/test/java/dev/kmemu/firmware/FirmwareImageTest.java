package dev.kmemu.firmware;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.NoSuchElementException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class FirmwareImageTest {

  private static final long TEXT = FirmwareImage.KERNBASE + FirmwareImage.TEXT_PHYSICAL;
  private static final long DATA = FirmwareImage.KERNBASE + FirmwareImage.DATA_PHYSICAL;
  private static final long END = FirmwareImage.KERNBASE + FirmwareImage.END_PHYSICAL;

  @Test
  void theEntryPointIsTheProgramsFirstLabel() {
    assertThat(FirmwareImage.selfTest().entry())
        .isEqualTo(FirmwareImage.selfTest().symbol("selftest_start"))
        .isBetween(TEXT, DATA);
    assertThat(FirmwareImage.faultLoop().entry())
        .isEqualTo(FirmwareImage.faultLoop().symbol("faultloop_start"))
        .isBetween(TEXT, DATA);
  }

  @Test
  void whatADebuggerAndTheHostNeedByNameIsThere() {
    FirmwareImage image = FirmwareImage.selfTest();
    assertThat(image.symbol("selftest_wired_done")).isBetween(TEXT, DATA);
    assertThat(image.symbol("selftest_pageable_done")).isBetween(TEXT, DATA);
    assertThat(image.symbol("selftest_touch")).isBetween(TEXT, DATA);
    assertThat(image.symbol("selftest_halt")).isBetween(TEXT, DATA);
    assertThat(image.symbol("selftest_report")).isBetween(DATA, END);
    assertThat(image.symbol("selftest_probe_kva")).isBetween(DATA, END);
    assertThat(image.symbol("selftest_probe_word")).isBetween(DATA, END);
  }

  @Test
  void aMissingSymbolIsNamed() {
    assertThatThrownBy(() -> FirmwareImage.faultLoop().symbol("selftest_start"))
        .isInstanceOf(NoSuchElementException.class)
        .hasMessageContaining("faultloop.elf")
        .hasMessageContaining("selftest_start");
  }

  @Test
  void aCallerCannotChangeTheImage() {
    FirmwareImage image = FirmwareImage.selfTest();
    image.bytes()[0] = 0;
    assertThat(image.bytes()[0]).isEqualTo((byte) 0x7F);
  }

  @Test
  void theFileForTheDebuggerIsTheImage(@TempDir Path directory) throws IOException {
    Path file = directory.resolve("selftest.elf");
    FirmwareImage.selfTest().writeTo(file);
    assertThat(Files.readAllBytes(file)).isEqualTo(FirmwareImage.selfTest().bytes());
  }
}
