package dev.kmemu.gdb.target;

import static org.assertj.core.api.Assertions.assertThat;

import dev.kmemu.emulator.cpu.Register;
import dev.kmemu.gdb.NoLeaks;
import dev.kmemu.gdb.ToyDebugger;
import dev.kmemu.gdb.ToyTarget;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

@ExtendWith(NoLeaks.class)
class HostPacketsTest {

  private final ToyTarget target = new ToyTarget().withEverything();
  private final ToyDebugger gdb = new ToyDebugger(target);

  @AfterEach
  void disconnect() {
    gdb.close();
  }

  private static final String TRIPLE =
      "triple:7838365f36342d756e6b6e6f776e2d756e6b6e6f776e;endian:little;ptrsize:8;";

  @Test
  void theMachineHasNoOperatingSystemThatTheStubKnows() {
    assertThat(gdb.ask("qHostInfo")).isEqualTo(TRIPLE + "vm-page-size:4096;");
    assertThat(gdb.ask("qProcessInfo")).isEqualTo("pid:1;" + TRIPLE);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "0|name:rax;bitsize:64;offset:0;encoding:uint;format:hex;set:General Purpose Registers;",
        "10|name:rip;bitsize:64;offset:128;encoding:uint;format:hex;set:General Purpose Registers;generic:pc;",
        "28|name:xmm0;bitsize:128;offset:276;encoding:vector;format:vector-uint8;set:Vector Registers;",
        "3c|name:cr0;bitsize:64;offset:560;encoding:uint;format:hex;set:System Registers;",
        "ff|E45"
      })
  void registersAreDescribedOneByOne(String number, String reply) {
    assertThat(gdb.ask("qRegisterInfo" + number)).isEqualTo(reply);
  }

  @Test
  void theThreadIsToldAsJson() {
    target.set(Register.RIP, 0x1234);
    assertThat(gdb.ask("jThreadsInfo"))
        .isEqualTo(
            "[{\"tid\":1,\"name\":\"cpu0\",\"reason\":\"none\",\"registers\":{"
                + "\"6\":\"0000000000000000\",\"7\":\"00100080ffffffff\","
                + "\"16\":\"3412000000000000\"}}]");
    gdb.exchange("s");
    target.step();
    gdb.received();
    assertThat(gdb.ask("jThreadsInfo")).contains("\"reason\":\"trace\"");
  }

  @ParameterizedTest
  @CsvSource({"qHostInfo:,E16", "qRegisterInfo,E16", "qRegisterInfozz,E16", "jThreadsInfo:1,E16"})
  void aMalformedPacketIsAnError(String packet, String error) {
    assertThat(gdb.ask(packet)).isEqualTo(error);
  }
}
