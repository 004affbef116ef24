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
