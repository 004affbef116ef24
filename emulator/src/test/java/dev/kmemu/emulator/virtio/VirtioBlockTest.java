package dev.kmemu.emulator.virtio;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.kmemu.emulator.snapshot.Snapshotable;
import dev.kmemu.emulator.snapshot.StateReader;
import dev.kmemu.emulator.snapshot.StateWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import net.jqwik.api.EdgeCasesMode;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.constraints.Size;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Requests to a disk (Virtual I/O Device 1.2, 5.2.6), and what is under it. */
class VirtioBlockTest {

  private static final int SECTOR = 512;
  private static final int SECTORS = 64;
  private static final int IN = 0;
  private static final int OUT = 1;

  private static VirtioDriver driver(DiskImage disk) {
    return new VirtioDriver(new VirtioBlock(disk)).start(1);
  }

  private static byte[] filled(int sectors, int value) {
    byte[] bytes = new byte[sectors * SECTOR];
    Arrays.fill(bytes, (byte) value);
    return bytes;
  }

  @Test
  void theCapacityIsInTheConfiguration() {
    VirtioDriver driver = driver(new MemoryDisk(SECTORS * SECTOR + 100, false));
    assertThat(driver.in(0x100)).isEqualTo(SECTORS);
    assertThat(driver.in(0x104)).isZero();
    assertThat(driver.in(8)).isEqualTo(2);
  }

  @Test
  void sectorsAreReadAndWritten() {
    MemoryDisk disk = new MemoryDisk(SECTORS * SECTOR, false);
    VirtioDriver driver = driver(disk);
    byte[] read = new byte[2 * SECTOR];
    assertThat(driver.disk(IN, 3, read, true)).isZero();
    assertThat(read).isEqualTo(Arrays.copyOfRange(disk.contents, 3 * SECTOR, 5 * SECTOR));
    assertThat(driver.writtenLast(0)).isEqualTo(2 * SECTOR + 1);
    assertThat(driver.disk(OUT, SECTORS - 1, filled(1, 7), false)).isZero();
    assertThat(disk.contents[SECTORS * SECTOR - 1]).isEqualTo((byte) 7);
    assertThat(driver.disk(4, 0, new byte[0], false)).as("flush").isZero();
  }

  @Test
  void theDiskSaysItsName() {
    byte[] name = new byte[20];
    assertThat(driver(new MemoryDisk(SECTOR, true)).disk(8, 0, name, true)).isZero();
    assertThat(new String(name, java.nio.charset.StandardCharsets.US_ASCII)).startsWith("memory\0");
  }

  @Test
  void whatIsOutsideTheDiskIsAnError() {
    VirtioDriver driver = driver(new MemoryDisk(SECTORS * SECTOR, false));
    assertThat(driver.disk(IN, SECTORS, new byte[SECTOR], true)).isEqualTo(1);
    assertThat(driver.disk(IN, SECTORS - 1, new byte[2 * SECTOR], true)).isEqualTo(1);
    assertThat(driver.disk(OUT, -1, new byte[SECTOR], false)).isEqualTo(1);
    assertThat(driver.disk(IN, 0, new byte[100], true)).as("no whole sector").isEqualTo(1);
    assertThat(driver.disk(77, 0, new byte[SECTOR], true)).as("unknown").isEqualTo(2);
  }

  @Test
  void aCountThatReachesBehindTheEndIsAnErrorAndChangesNothing() {
    MemoryDisk disk = new MemoryDisk(SECTORS * SECTOR, false);
    byte[] before = disk.contents.clone();
    VirtioDriver driver = driver(disk);
    assertThat(driver.disk(OUT, SECTORS - 1, filled(2, 1), false)).isEqualTo(1);
    assertThat(driver.disk(OUT, Long.MAX_VALUE / SECTOR, filled(1, 1), false)).isEqualTo(1);
    assertThat(driver.disk(OUT, Long.MIN_VALUE, filled(1, 1), false)).isEqualTo(1);
    assertThat(disk.contents).isEqualTo(before);
    assertThat(driver.writtenLast(0)).as("the status alone").isEqualTo(1);
  }

  @Test
  void dataInTheWrongDirectionIsAnError() {
    MemoryDisk disk = new MemoryDisk(SECTORS * SECTOR, false);
    byte[] before = disk.contents.clone();
    VirtioDriver driver = driver(disk);
    assertThat(driver.disk(IN, 0, filled(1, 1), false)).isEqualTo(1);
    assertThat(driver.disk(OUT, 0, filled(1, 1), true)).isEqualTo(1);
    assertThat(disk.contents).isEqualTo(before);
  }

  @Test
  void aFileThatHasBecomeShorterIsAnError(@TempDir Path directory) throws Exception {
    Path file = Files.write(directory.resolve("disk.img"), filled(8, 5));
    try (RawImage raw = RawImage.open(file)) {
      VirtioDriver driver = driver(raw);
      Files.write(file, filled(2, 5));
      assertThat(driver.disk(IN, 0, new byte[2 * SECTOR], true)).isZero();
      assertThat(driver.disk(IN, 1, new byte[2 * SECTOR], true)).isEqualTo(1);
    }
  }

  @Test
  void aRequestWithoutAHeaderOrRoomForItsStatusNeedsAReset() {
    for (long[] parts : new long[][] {{0x8000, 15, 0, 0x9000, 1, 2}, {0x8000, 16, 0}}) {
      VirtioDriver driver = driver(new MemoryDisk(SECTORS * SECTOR, false));
      driver.chain(0, 0, parts);
      driver.offer(0, 0);
      assertThat(driver.in(0x70) & 0x40).isNotZero();
      assertThat(driver.usedCount(0)).isZero();
    }
  }

  @Property(tries = 500, edgeCases = EdgeCasesMode.NONE)
  void whateverADriverOffersItIsAnsweredOrNeedsAReset(
      @ForAll @Size(value = 4) List<@IntRange(max = 5) Integer> places,
      @ForAll @Size(value = 4) List<@IntRange(max = 1200) Integer> lengths,
      @ForAll @Size(value = 4) List<@IntRange(max = 7) Integer> flags,
      @ForAll @IntRange(max = 9) int type,
      @ForAll long sector) {
    long[] addresses = {0, 0x8000, 0x9001, 0xF_FFF0, 0x7FFF_FFFF_FFFF_FFFFL, -16};
    VirtioDriver driver = driver(new MemoryDisk(SECTORS * SECTOR, false));
    long[] parts = new long[12];
    for (int i = 0; i < 4; i++) {
      parts[3 * i] = addresses[places.get(i)];
      parts[3 * i + 1] = lengths.get(i) - 2L;
      parts[3 * i + 2] = flags.get(i);
    }
    driver.chain(0, 0, parts);
    driver.put(0x8000, (byte) type);
    driver.put(0x8008, (byte) sector);
    driver.offer(0, 0);
    assertThat(driver.usedCount(0) == 1 || (driver.in(0x70) & 0x40) != 0).isTrue();
  }

  @Test
  void aReadOnlyDiskSaysSoAndRefusesWrites() {
    VirtioDriver driver = driver(new MemoryDisk(SECTORS * SECTOR, true));
    assertThat(driver.in(0x10) & 1 << 5).isNotZero();
    assertThat(driver.disk(OUT, 0, filled(1, 1), false)).isEqualTo(1);
  }

  @Test
  void aFileIsADiskAndIsNeverChanged(@TempDir Path directory) throws Exception {
    Path file = Files.write(directory.resolve("disk.img"), filled(8, 5));
    try (RawImage raw = RawImage.open(file)) {
      VirtioDriver driver = driver(new CopyOnWriteImage("0", raw, 1 << 20));
      assertThat(driver.disk(OUT, 1, filled(1, 6), false)).isZero();
      byte[] read = new byte[3 * SECTOR];
      assertThat(driver.disk(IN, 0, read, true)).isZero();
      assertThat(read[SECTOR - 1]).isEqualTo((byte) 5);
      assertThat(read[SECTOR]).isEqualTo((byte) 6);
      assertThat(read[2 * SECTOR]).isEqualTo((byte) 5);
    }
    assertThat(file).hasBinaryContent(filled(8, 5));
  }

  @Test
  void changesHaveALimit() {
    VirtioDriver driver =
        driver(new CopyOnWriteImage("0", new MemoryDisk(SECTORS * SECTOR, true), 4096));
    assertThat(driver.disk(OUT, 0, filled(1, 1), false)).isZero();
    assertThat(driver.disk(OUT, 7, filled(1, 1), false)).as("the same block").isZero();
    assertThat(driver.disk(OUT, 8, filled(1, 1), false)).as("another one").isEqualTo(1);
    assertThatThrownBy(() -> new CopyOnWriteImage("0", new MemoryDisk(SECTOR, true), 4095))
        .hasMessageContaining("4095")
        .hasMessageContaining("4096 or more");
  }

  @Property(tries = 200)
  void changesAreWhatAnArrayWouldHoldAlsoBehindASnapshot(
      @ForAll @Size(max = 30) List<@IntRange(max = 60) Integer> writes) {
    MemoryDisk original = new MemoryDisk(SECTORS * SECTOR, true);
    byte[] model = original.contents.clone();
    CopyOnWriteImage image = new CopyOnWriteImage("0", original, 1 << 20);
    VirtioDriver driver = driver(image);
    Snapshotable.Captured half = image.capture();
    byte[] modelAtHalf = model.clone();
    for (int i = 0; i < writes.size(); i++) {
      int sector = writes.get(i);
      byte[] data = filled(1 + i % 4, i);
      assertThat(driver.disk(OUT, sector, data, false)).isZero();
      System.arraycopy(data, 0, model, sector * SECTOR, data.length);
      if (i == writes.size() / 2) {
        half = image.capture();
        modelAtHalf = model.clone();
      }
    }
    assertThat(whole(driver)).isEqualTo(model);
    StateWriter out = new StateWriter();
    half.write(out);
    image.read(1, new StateReader("disk.0", out.toBytes())).restore();
    assertThat(whole(driver)).isEqualTo(modelAtHalf);
  }

  private static byte[] whole(VirtioDriver driver) {
    byte[] all = new byte[SECTORS * SECTOR];
    assertThat(driver.disk(IN, 0, all, true)).isZero();
    return all;
  }
}
