package dev.kmemu.emulator.device;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class PortSpaceTest {

  private final PortSpace ports = new PortSpace();

  private static final class Echo implements PortDevice {
    final List<String> writes = new ArrayList<>();

    @Override
    public boolean write(int port, int size, int value) {
      writes.add(port + "/" + size + "=" + value);
      return value != 0;
    }
  }

  @Test
  void aDeviceAnswersItsPortsAndNoOthers() {
    Echo device = new Echo();
    ports.attach(0xFFFE, 2, device);
    assertThat(ports.write(0xFFFF, 1, 7)).isTrue();
    assertThat(ports.write(0xFFFE, 4, 0)).as("the device ends the run").isFalse();
    assertThat(ports.write(0xFFFD, 2, 0)).as("no device").isTrue();
    assertThat(device.writes).containsExactly("65535/1=7", "65534/4=0");
  }

  @Test
  void portsWithoutAnAnswerReadAsAllOnes() {
    ports.attach(0x10, 1, new Echo());
    assertThat(ports.read(0x10, 4)).as("a device that only takes").isEqualTo(-1);
    assertThat(ports.read(0x11, 4)).as("no device").isEqualTo(-1);
  }

  @Test
  void aTakenPortIsNamedAndNothingIsAttached() {
    Echo first = new Echo();
    Echo second = new Echo();
    ports.attach(0x21, 1, first);
    assertThatThrownBy(() -> ports.attach(0x20, 2, second))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("port 0x21 is taken");
    ports.write(0x20, 1, 1);
    assertThat(second.writes).isEmpty();
  }

  @Test
  void portsThatDoNotExistAreRefusedWithTheRange() {
    int[][] wrong = {{-1, 1}, {0, 0}, {0, -1}, {0xFFFF, 2}, {0x10000, 1}, {1, Integer.MAX_VALUE}};
    for (int[] range : wrong) {
      assertThatThrownBy(() -> ports.attach(range[0], range[1], new Echo()))
          .as("%d+%d", range[0], range[1])
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessageEndingWith("outside 0..0xffff");
    }
  }

  @Test
  void theDebugConsoleHandsOnSingleBytes() {
    List<Integer> output = new ArrayList<>();
    ports.attach(DebugConsole.PORT, 1, new DebugConsole(output::add));
    ports.write(DebugConsole.PORT, 1, 'k');
    ports.write(DebugConsole.PORT, 4, 0x1234_56FF);
    assertThat(output).containsExactly((int) 'k', 0xFF);
    assertThat(ports.read(DebugConsole.PORT, 1)).as("as guests recognise it").isEqualTo(0xE9);
  }

  @Test
  void theDebugExitEndsTheRunAndKeepsTheValue() {
    DebugExit exit = new DebugExit();
    assertThat(exit.value()).isEmpty();
    assertThat(exit.write(DebugExit.PORT, 1, 42)).isFalse();
    assertThat(exit.value()).hasValue(42);
  }
}
