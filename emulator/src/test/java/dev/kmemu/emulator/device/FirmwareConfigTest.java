package dev.kmemu.emulator.device;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;

/** QEMU's fw_cfg by its ports. */
class FirmwareConfigTest {

  private final PortSpace ports = new PortSpace();
  private final FirmwareConfig config = new FirmwareConfig(0x1_2345_6000L);

  FirmwareConfigTest() {
    config.attachTo(ports);
  }

  private byte[] item(int number, int length) {
    ports.write(0x510, 2, number);
    byte[] bytes = new byte[length];
    for (int i = 0; i < length; i++) {
      bytes[i] = (byte) ports.read(0x511, 1);
    }
    return bytes;
  }

  @Test
  void itIsKnownByItsSignatureAndHasNoDma() {
    assertThat(new String(item(0, 4), StandardCharsets.US_ASCII)).isEqualTo("QEMU");
    assertThat(item(1, 4)).containsExactly(1, 0, 0, 0);
    assertThat(ports.read(0x510, 2)).as("write-only").isEqualTo(-1);
  }

  @Test
  void ramAndCpusAreLittleEndianAndTheDirectoryIsEmpty() {
    assertThat(item(3, 8)).containsExactly(0, 0x60, 0x45, 0x23, 1, 0, 0, 0);
    assertThat(item(5, 2)).containsExactly(1, 0);
    assertThat(item(0x0F, 2)).containsExactly(1, 0);
    assertThat(item(0x19, 4)).containsExactly(0, 0, 0, 0);
  }

  @Test
  void behindItsEndAnItemIsZeroAndASelectionBeginsAnew() {
    assertThat(item(0, 6)).endsWith(0, 0);
    assertThat(item(0, 1)).containsExactly('Q');
    assertThat(item(0x1234, 2)).as("no such item").containsExactly(0, 0);
  }

  @Test
  void aStateThatIsPutBackReadsOn() {
    item(0, 2);
    var state = config.capture();
    item(5, 1);
    state.restore();
    assertThat(ports.read(0x511, 1)).isEqualTo('M');
  }
}
