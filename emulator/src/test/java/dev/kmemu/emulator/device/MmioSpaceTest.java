package dev.kmemu.emulator.device;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.kmemu.emulator.memory.DirectMapping;
import dev.kmemu.emulator.memory.PhysicalAddress;
import dev.kmemu.emulator.memory.PhysicalMemory;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class MmioSpaceTest {

  private static final PhysicalAddress AT = new PhysicalAddress(0xFEC0_0000L);

  private final MmioSpace space = new MmioSpace(new PhysicalMemory(new DirectMapping(1 << 20)));

  private static final class Echo implements MmioDevice {
    final List<String> writes = new ArrayList<>();

    @Override
    public long read(int offset, int size) {
      return offset;
    }

    @Override
    public boolean write(int offset, int size, long value) {
      writes.add(offset + "/" + size + "=" + value);
      return value != 0;
    }
  }

  @Test
  void aDeviceAnswersByOffsetAndNobodyElseDoes() {
    Echo device = new Echo();
    space.attach(AT, 0x20, device);
    assertThat(space.read(AT.value() + 0x10, 4)).isEqualTo(0x10);
    assertThat(space.read(AT.value() - 1, 1)).isEqualTo(-1);
    assertThat(space.read(AT.value() + 0x20, 1)).isEqualTo(-1);
    assertThat(space.write(AT.value() + 4, 4, 9)).isTrue();
    assertThat(space.write(AT.value() + 4, 4, 0)).as("the device ends the run").isFalse();
    assertThat(space.write(AT.value() + 0x20, 4, 0)).as("no device").isTrue();
    assertThat(device.writes).containsExactly("4/4=9", "4/4=0");
  }

  @Test
  void anAccessAcrossTheEndOfADeviceIsNobodys() {
    Echo device = new Echo();
    space.attach(AT, 6, device);
    assertThat(space.read(AT.value() + 4, 4)).isEqualTo(-1);
    space.write(AT.value() + 4, 4, 1);
    assertThat(device.writes).isEmpty();
    assertThat(space.read(AT.value() + 4, 2)).isEqualTo(4);
  }

  @Test
  void ramAndTakenAddressesAreRefusedByName() {
    space.attach(AT, 0x1000, new Echo());
    assertThatThrownBy(() -> space.attach(AT.plus(0xFFF), 2, new Echo()))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("addresses 0xfec00fff+0x2 are taken: a device is at 0xfec00000+0x1000");
    assertThatThrownBy(() -> space.attach(new PhysicalAddress(0xF_FFFF), 2, new Echo()))
        .hasMessage("addresses 0xfffff+0x2 are RAM");
    assertThatThrownBy(() -> space.attach(AT, 0, new Echo())).hasMessageContaining("at least 1");
    assertThat(space.devices()).hasSize(1);
  }
}
