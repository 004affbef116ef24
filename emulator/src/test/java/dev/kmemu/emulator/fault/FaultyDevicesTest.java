package dev.kmemu.emulator.fault;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.kmemu.emulator.device.InterruptPin;
import dev.kmemu.emulator.device.PortDevice;
import dev.kmemu.emulator.device.PortSpace;
import dev.kmemu.emulator.device.Uart16550;
import dev.kmemu.emulator.virtio.DiskImage;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class FaultyDevicesTest {

  private static final int PORT = 0x300;

  private final PortSpace ports = new PortSpace();
  private final Counter device = new Counter();
  private final List<Boolean> line = new ArrayList<>();

  /** A register that reads as how often it was read, and keeps what is written. */
  private static final class Counter implements PortDevice {
    private int reads;
    private final List<Integer> written = new ArrayList<>();

    @Override
    public int read(int port, int size) {
      return ++reads;
    }

    @Override
    public boolean write(int port, int size, int value) {
      written.add(value);
      return true;
    }
  }

  private void interpose(DeviceFault fault) {
    ports.attach(PORT, 2, device);
    ports.interpose(device, new FaultyRegisters(fault));
  }

  @Test
  void aDroppedReadDoesNotReachTheDevice() {
    interpose(DeviceFault.always("x", FaultKind.DROP_READ).times(1, 1));
    assertThat(ports.read(PORT, 1)).isEqualTo(1);
    assertThat(ports.read(PORT, 1)).isEqualTo(-1);
    assertThat(ports.read(PORT, 1)).isEqualTo(2);
  }

  @Test
  void bitsOfAReadAreTurnedOverOrSet() {
    interpose(DeviceFault.always("x", FaultKind.FLIP_READ).bits(3));
    ports.interpose(
        device, new FaultyRegisters(DeviceFault.always("x", FaultKind.SET_READ).bits(0x80)));
    assertThat(ports.read(PORT, 1)).isEqualTo(0x82);
  }

  @Test
  void oneRegisterAloneIsMeant() {
    interpose(DeviceFault.always("x", FaultKind.SWALLOW_WRITE).at(PORT + 1));
    ports.write(PORT + 1, 1, 7);
    ports.write(PORT, 1, 8);
    assertThat(device.written).containsExactly(8);
  }

  @Test
  void theDeviceItselfIsWhatSnapshotsSee() {
    interpose(DeviceFault.always("x", FaultKind.DROP_READ));
    assertThat(ports.devices()).containsExactly(device);
  }

  @Test
  void anOverrunOfTheSerialPortIsABitOfItsLineStatus() {
    Uart16550 uart = new Uart16550(Uart16550.COM1, InterruptPin.UNCONNECTED, c -> {});
    uart.attachTo(ports);
    DeviceFault overrun =
        DeviceFault.always("uart-3f8", FaultKind.SET_READ).at(0x3FD).bits(2).times(0, 1);
    ports.interpose(uart, new FaultyRegisters(overrun));
    assertThat(ports.read(0x3FD, 1)).isEqualTo(0x62);
    assertThat(ports.read(0x3FD, 1)).isEqualTo(0x60);
  }

  @Test
  void aLostInterruptNeverRises() {
    InterruptPin pin =
        new FaultyPin(line::add, DeviceFault.always("irq4", FaultKind.LOSE_INTERRUPT).times(0, 1));
    pin.pulse();
    pin.pulse();
    assertThat(line).containsExactly(false, false, true, false);
  }

  @Test
  void aRepeatedInterruptRisesOnceMoreWhenItHasFallen() {
    InterruptPin pin =
        new FaultyPin(
            line::add, DeviceFault.always("irq4", FaultKind.REPEAT_INTERRUPT).times(0, 1));
    pin.set(true);
    pin.set(true);
    pin.set(false);
    pin.pulse();
    assertThat(line).containsExactly(true, true, false, true, false, true, false);
  }

  @Test
  void aDiskFailsAtTheChosenSector() throws IOException {
    DiskImage disk =
        new FaultyDisk(new NoDisk(), DeviceFault.always("disk0", FaultKind.FAIL_READ).at(3));
    disk.read(1024, new byte[512], 512);
    disk.write(1536, new byte[512], 512);
    assertThatThrownBy(() -> disk.read(1536, new byte[512], 512)).isInstanceOf(IOException.class);
  }

  private static final class NoDisk implements DiskImage {
    @Override
    public String name() {
      return "none";
    }

    @Override
    public long bytes() {
      return 1 << 20;
    }

    @Override
    public boolean isReadOnly() {
      return false;
    }

    @Override
    public void read(long offset, byte[] target, int count) {}

    @Override
    public void write(long offset, byte[] source, int count) {}
  }

  @Test
  void aFaultOfAnotherKindOfPlaceIsRefused() {
    assertThatThrownBy(() -> new FaultyRegisters(DeviceFault.always("x", FaultKind.LOSE_INTERRUPT)))
        .hasMessageContaining("no fault of registers");
    assertThatThrownBy(() -> new FaultyPin(line::add, DeviceFault.always("x", FaultKind.DROP_READ)))
        .hasMessageContaining("no fault of an interrupt line");
    assertThatThrownBy(
            () -> new FaultyDisk(new NoDisk(), DeviceFault.always("x", FaultKind.DROP_READ)))
        .hasMessageContaining("no fault of a disk");
  }
}
