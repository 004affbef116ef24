package dev.kmemu.gdb.target;

import static org.assertj.core.api.Assertions.assertThat;

import dev.kmemu.gdb.NoLeaks;
import dev.kmemu.gdb.ToyDebugger;
import dev.kmemu.gdb.ToyTarget;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

@ExtendWith(NoLeaks.class)
class QemuPacketsTest {

  private final ToyTarget target = new ToyTarget().withEverything();
  private final ToyDebugger gdb = new ToyDebugger(target);

  @AfterEach
  void disconnect() {
    gdb.close();
  }

  @Test
  void memoryPacketsMeanPhysicalAddressesWhenSo() {
    assertThat(gdb.ask("qqemu.PhyMemMode")).isEqualTo("0");
    assertThat(gdb.ask("Qqemu.PhyMemMode:1")).isEqualTo("OK");
    assertThat(gdb.ask("qqemu.PhyMemMode")).isEqualTo("1");
    assertThat(gdb.ask("M10,2:abcd")).isEqualTo("OK");
    assertThat(gdb.ask("m10,2")).isEqualTo("abcd");
    assertThat(gdb.ask("x10,1")).isEqualTo("\u00ab");
    assertThat(gdb.ask("qSearch:memory:0;100;\u00cd")).isEqualTo("1,11");
    assertThat(gdb.ask("mffffffff80000010,2")).isEqualTo("E0e");
    assertThat(gdb.ask("Qqemu.PhyMemMode:0")).isEqualTo("OK");
    assertThat(gdb.ask("mffffffff80000010,2")).isEqualTo("abcd");
  }

  @Test
  void anErrorSaysThatTheAddressIsPhysical() {
    gdb.ask("qSupported:error-message+");
    gdb.ask("Qqemu.PhyMemMode:1");
    assertThat(gdb.ask("m1000,1")).startsWith("E.can't read physical 0x").contains("1000: ");
  }

  @Test
  void aStepHasNoFlagsButTheOneThatIsSet() {
    assertThat(gdb.ask("qqemu.Supported")).isEqualTo("sstepbits;sstep;PhyMemMode");
    assertThat(gdb.ask("qqemu.sstepbits")).isEqualTo("ENABLE=1");
    assertThat(gdb.ask("qqemu.sstep")).isEqualTo("0x1");
    assertThat(gdb.ask("Qqemu.sstep=1")).isEqualTo("OK");
    assertThat(gdb.ask("Qqemu.sstep=0x1")).isEqualTo("OK");
    assertThat(gdb.ask("Qqemu.sstep=7")).isEqualTo("E16");
  }

  @Test
  void physicalMemoryThatIsNotShownIsNotAnnounced() {
    try (ToyDebugger plain = new ToyDebugger(new ToyTarget())) {
      assertThat(plain.ask("qqemu.Supported")).isEqualTo("sstepbits;sstep");
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "Qqemu.PhyMemMode",
        "Qqemu.PhyMemMode:",
        "Qqemu.PhyMemMode:1;",
        "Qqemu.sstep",
        "Qqemu.sstep=",
        "qqemu.sstepbits:1"
      })
  void aMalformedPacketIsAnError(String packet) {
    assertThat(gdb.ask(packet)).isEqualTo("E16");
  }
}
