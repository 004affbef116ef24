package dev.kmemu.emulator.virtio;

import static org.assertj.core.api.Assertions.assertThat;

import dev.kmemu.emulator.memory.PhysicalAddress;
import dev.kmemu.emulator.snapshot.Snapshotable;
import org.junit.jupiter.api.Test;

/** The registers of Virtual I/O Device 1.2, 4.2.2, and what a driver may get wrong. */
class VirtioMmioTest {

  private static final int NEEDS_RESET = 0x40;

  private final StringBuilder said = new StringBuilder();
  private final VirtioConsole console = new VirtioConsole(c -> said.append((char) c));
  private final VirtioDriver driver = new VirtioDriver(console);

  private void say(int head, String text) {
    driver.put(VirtioDriver.DATA, text.getBytes(java.nio.charset.StandardCharsets.US_ASCII));
    driver.chain(1, head, VirtioDriver.DATA, text.length(), 0);
    driver.offer(1, head);
  }

  @Test
  void theRegistersTellWhatItIs() {
    assertThat(driver.in(0)).isEqualTo(0x74726976);
    assertThat(driver.in(4)).isEqualTo(2);
    assertThat(driver.in(8)).isEqualTo(3);
    assertThat(driver.in(0x34)).as("queue 0").isEqualTo(256);
    driver.out(0x30, 2);
    assertThat(driver.in(0x34)).as("no queue 2").isZero();
  }

  @Test
  void version1IsTheOneFeatureThatMustBeAccepted() {
    driver.out(0x14, 1);
    assertThat(driver.in(0x10)).isEqualTo(1);
    driver.out(0x70, 3);
    driver.out(0x70, 0xB);
    assertThat(driver.in(0x70) & 8).as("FEATURES_OK without it").isZero();
    driver.out(0x24, 1);
    driver.out(0x20, 1);
    driver.out(0x70, 0xB);
    assertThat(driver.in(0x70) & 8).isEqualTo(8);
  }

  @Test
  void aFeatureThatIsNotOfferedIsNotAccepted() {
    driver.out(0x24, 1);
    driver.out(0x20, 1);
    driver.out(0x24, 0);
    driver.out(0x20, 1L << 28);
    driver.out(0x70, 0xB);
    assertThat(driver.in(0x70) & 8).isZero();
  }

  @Test
  void whatIsOfferedIsUsedAndRaisesAnInterruptUntilItIsAcknowledged() {
    driver.start(2);
    say(0, "hello");
    assertThat(said).hasToString("hello");
    assertThat(driver.usedCount(1)).isEqualTo(1);
    assertThat(driver.interrupted).isTrue();
    assertThat(driver.in(0x60)).isEqualTo(1);
    driver.out(0x64, 1);
    assertThat(driver.interrupted).isFalse();
  }

  @Test
  void aDriverMayWantNoInterrupt() {
    driver.start(2);
    driver.store16(VirtioDriver.available(1), 1);
    say(0, "quiet");
    assertThat(said).hasToString("quiet");
    assertThat(driver.interrupted).isFalse();
  }

  @Test
  void nothingHappensBeforeTheDriverIsReady() {
    say(0, "early");
    assertThat(said).isEmpty();
    driver.start(2);
    assertThat(said).as("what was offered is found then").hasToString("early");
  }

  @Test
  void theRingsGoRound() {
    driver.start(2);
    for (int i = 0; i < 3 * VirtioDriver.SIZE; i++) {
      say(i % VirtioDriver.SIZE, "x");
    }
    assertThat(said).hasSize(3 * VirtioDriver.SIZE);
    assertThat(driver.usedCount(1)).isEqualTo(3 * VirtioDriver.SIZE);
  }

  @Test
  void aDescriptorOutsideRamNeedsAReset() {
    driver.start(2);
    driver.chain(1, 0, 1 << 20, 4, 0);
    driver.offer(1, 0);
    assertThat(driver.in(0x70) & NEEDS_RESET).isEqualTo(NEEDS_RESET);
    assertThat(driver.in(0x60)).as("configuration changed").isEqualTo(2);
    driver.out(0x70, 0);
    assertThat(driver.in(0x70)).isZero();
    assertThat(driver.interrupted).isFalse();
  }

  @Test
  void aChainWithoutAnEndNeedsAReset() {
    driver.start(2);
    driver.chain(1, 0, VirtioDriver.DATA, 1, 0, VirtioDriver.DATA, 1, 1);
    driver.store16(VirtioDriver.descriptors(1) + 16 + 14, 0);
    driver.offer(1, 0);
    assertThat(driver.in(0x70) & NEEDS_RESET).isEqualTo(NEEDS_RESET);
  }

  @Test
  void aQueueOutsideRamNeedsAReset() {
    driver.start(2);
    driver.out(0x30, 1);
    driver.out(0x94, 0x7FFF_FFFF);
    driver.out(0x50, 1);
    assertThat(driver.in(0x70) & NEEDS_RESET).isEqualTo(NEEDS_RESET);
  }

  @Test
  void typedCharactersWaitForABuffer() {
    assertThat(console.type(driver.device, 'a')).as("no driver yet").isFalse();
    driver.start(2);
    assertThat(console.type(driver.device, 'a')).isTrue();
    assertThat(console.type(driver.device, 'b')).isTrue();
    assertThat(driver.usedCount(0)).isZero();
    driver.chain(0, 0, VirtioDriver.DATA, 16, VirtioDriver.WRITABLE);
    driver.offer(0, 0);
    assertThat(driver.writtenLast(0)).isEqualTo(2);
    assertThat(driver.get(VirtioDriver.DATA, 2)).containsExactly('a', 'b');
  }

  @Test
  void aSnapshotHoldsTheQueues() {
    driver.start(2);
    say(0, "one");
    Snapshotable.Captured before = driver.device.capture();
    int used = driver.usedCount(1);
    driver.out(0x70, 0);
    before.restore();
    assertThat(driver.in(0x70)).isEqualTo(0xF);
    assertThat(driver.interrupted).isTrue();
    say(1, "two");
    assertThat(said).hasToString("onetwo");
    assertThat(driver.usedCount(1)).isEqualTo(used + 1);
  }

  @Test
  void randomNumbersFillABufferAndRepeatWhereTheyShould() {
    VirtioDriver one = new VirtioDriver(new VirtioEntropy(new RepeatableRandom())).start(1);
    VirtioDriver other = new VirtioDriver(new VirtioEntropy(new RepeatableRandom())).start(1);
    for (VirtioDriver each : new VirtioDriver[] {one, other}) {
      each.chain(0, 0, VirtioDriver.DATA, 64, VirtioDriver.WRITABLE);
      each.offer(0, 0);
      assertThat(each.writtenLast(0)).isEqualTo(64);
    }
    assertThat(one.get(VirtioDriver.DATA, 64)).isEqualTo(other.get(VirtioDriver.DATA, 64));
    assertThat(one.ram.load64(new PhysicalAddress(VirtioDriver.DATA)))
        .isNotEqualTo(one.ram.load64(new PhysicalAddress(VirtioDriver.DATA + 8)));
  }
}
