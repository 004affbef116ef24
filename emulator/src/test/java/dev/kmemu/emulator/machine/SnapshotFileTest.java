package dev.kmemu.emulator.machine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.kmemu.emulator.cpu.Register;
import dev.kmemu.emulator.snapshot.SnapshotException;
import dev.kmemu.emulator.unicorn.UnicornLoader;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.zip.CRC32C;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SnapshotFileTest {

  private final GuestProgram guest =
      new GuestProgram("48 ff 04 25 00 00 20 00 48 8b 04 25 00 00 20 00 e6 f4 f4");

  private Path directory = Path.of("");
  private Path file = Path.of("");
  private byte[] whole = {};

  @BeforeEach
  void save(@TempDir Path temporary) throws IOException {
    directory = temporary;
    Random random = new Random(7);
    for (int page = 0; page < 300; page++) {
      guest.store(0x40_0000 + page * 4096L + random.nextInt(500) * 8L, random.nextLong());
    }
    guest.store(GuestProgram.DATA, 6);
    file = directory.resolve("machine.kms");
    guest.machine.save(file);
    whole = Files.readAllBytes(file);
  }

  @AfterEach
  void close() {
    guest.close();
  }

  private int runToExit(Machine machine) {
    machine.resume();
    return ((GuestOutcome.Exited) machine.outcome().join()).value();
  }

  @Test
  void anotherMachineGoesOnWhereTheFileSays() {
    guest.set(Register.RBX, 77);
    guest.machine.save(file);
    String saved = guest.machine.stateHash();
    runToExit(guest.machine);
    String ended = guest.machine.stateHash();
    try (Machine other = new Machine(UnicornLoader.load(), new RamSize(16 << 20))) {
      other.ram().store64(new dev.kmemu.emulator.memory.PhysicalAddress(0x80_0000), 1);
      other.load(file);
      assertThat(other.stateHash()).isEqualTo(saved);
      assertThat(runToExit(other)).isEqualTo(7);
      assertThat(other.stateHash()).isEqualTo(ended);
    }
  }

  @Test
  void theMachineItWasTakenFromGoesBackAndSavesTheSameBytesAgain() throws IOException {
    String saved = guest.machine.stateHash();
    runToExit(guest.machine);
    guest.machine.load(file);
    assertThat(guest.machine.stateHash()).isEqualTo(saved);
    guest.machine.save(file);
    assertThat(Files.readAllBytes(file)).isEqualTo(whole);
  }

  @Test
  void zeroPagesAreLeftOutAndNothingElseIsInTheDirectory() throws IOException {
    assertThat(whole.length).isLessThan(100 << 10);
    try (var files = Files.list(directory)) {
      assertThat(files).containsExactly(file);
    }
  }

  /** Where sections begin, and the end mark. */
  private List<Integer> boundaries() {
    List<Integer> boundaries = new ArrayList<>();
    ByteBuffer bytes = ByteBuffer.wrap(whole).order(ByteOrder.LITTLE_ENDIAN);
    int at = bytes.getInt(12);
    boundaries.add(at);
    while (new String(whole, at, 4, StandardCharsets.US_ASCII).equals("SECT")) {
      int name = bytes.getInt(at + 4);
      at += 8 + name + 16 + 4 + bytes.getInt(at + 8 + name + 12) + 4;
      boundaries.add(at);
    }
    assertThat(new String(whole, at, 4, StandardCharsets.US_ASCII)).isEqualTo("END.");
    return boundaries;
  }

  private void assertRefused(byte[] bytes, String... parts) throws IOException {
    Files.write(file, bytes);
    assertThatThrownBy(() -> guest.machine.load(file))
        .isInstanceOf(SnapshotException.class)
        .hasMessageStartingWith(file.toString())
        .hasMessageContainingAll(parts);
  }

  @Test
  void aFileThatEndsAnywhereIsRefusedAndTheMachineIsUntouched() throws IOException {
    guest.store(GuestProgram.DATA, 99);
    String before = guest.machine.stateHash();
    List<Integer> boundaries = boundaries();
    assertThat(boundaries).hasSizeGreaterThanOrEqualTo(5);
    for (int boundary : boundaries) {
      for (int length : new int[] {boundary - 1, boundary, boundary + 1, boundary + 40}) {
        if (length < whole.length) {
          assertRefused(Arrays.copyOf(whole, length), "take the snapshot again");
        }
      }
    }
    for (int length = 0; length < 40; length++) {
      assertRefused(Arrays.copyOf(whole, length), "it ends within");
    }
    assertRefused(Arrays.copyOf(whole, whole.length - 1), "checksum at its end");
    assertRefused(Arrays.copyOf(whole, whole.length + 1), "1 bytes follow its end");
    assertThat(guest.machine.stateHash()).isEqualTo(before);
  }

  @Test
  void aFileWithOneAlteredByteIsRefusedAndTheMachineIsUntouched() throws IOException {
    guest.store(GuestProgram.DATA, 99);
    String before = guest.machine.stateHash();
    List<Integer> sample = new ArrayList<>();
    for (int boundary : boundaries()) {
      for (int at = Math.max(0, boundary - 40); at < boundary + 40 && at < whole.length; at++) {
        sample.add(at);
      }
    }
    for (int at = 0; at < whole.length; at += 97) {
      sample.add(at);
    }
    for (int at : sample) {
      byte[] altered = whole.clone();
      altered[at] ^= 0x10;
      assertRefused(altered, ":");
    }
    assertThat(guest.machine.stateHash()).isEqualTo(before);
  }

  @Test
  void sectionsInAnotherOrderOrLeftOutAreNoticed() throws IOException {
    List<Integer> at = boundaries();
    byte[] without = new byte[whole.length - (at.get(1) - at.get(0))];
    System.arraycopy(whole, 0, without, 0, at.get(0));
    System.arraycopy(whole, at.get(1), without, at.get(0), whole.length - at.get(1));
    assertRefused(without, "the file has checksum");
  }

  /** Alters the file and makes its checksums right again. */
  private byte[] reissued(int offset, int value, int headerEnd) {
    ByteBuffer bytes = ByteBuffer.wrap(whole.clone()).order(ByteOrder.LITTLE_ENDIAN);
    bytes.putInt(offset, value);
    bytes.putInt(headerEnd - 4, sum(bytes.array(), 0, headerEnd - 4));
    bytes.putInt(whole.length - 4, sum(bytes.array(), 0, whole.length - 4));
    return bytes.array();
  }

  private static int sum(byte[] bytes, int from, int to) {
    CRC32C sum = new CRC32C();
    sum.update(bytes, from, to - from);
    return (int) sum.getValue();
  }

  @Test
  void aNewerFormatIsRefusedByItsVersion() throws IOException {
    assertRefused(
        reissued(8, 2, boundaries().get(0)), "format version 2", "reads 1 to 1", "use the kmemu");
  }

  @Test
  void aNewerVersionOfASectionIsRefusedByItsName() throws IOException {
    int cpu = boundaries().get(0);
    int name = ByteBuffer.wrap(whole).order(ByteOrder.LITTLE_ENDIAN).getInt(cpu + 4);
    byte[] newer = whole.clone();
    ByteBuffer bytes = ByteBuffer.wrap(newer).order(ByteOrder.LITTLE_ENDIAN);
    int version = cpu + 8 + name;
    bytes.putInt(version, 9);
    bytes.putInt(version + 16, sum(newer, cpu, version + 16));
    bytes.putInt(whole.length - 4, sum(newer, 0, whole.length - 4));
    assertRefused(newer, "version 9 of section cpu", "reads up to 1");
  }

  @Test
  void aMachineWithOtherRamIsNotChanged() {
    try (Machine other = new Machine(UnicornLoader.load(), new RamSize(32 << 20))) {
      String before = other.stateHash();
      assertThatThrownBy(() -> other.load(file))
          .isInstanceOf(SnapshotException.class)
          .hasMessageContainingAll("0x1000000", "0x2000000", "start one with as much");
      assertThat(other.stateHash()).isEqualTo(before);
    }
  }

  @Test
  void whatIsNoSnapshotOrIsNotThereIsRefused() throws IOException {
    assertRefused("#!/bin/sh echo hello".getBytes(StandardCharsets.US_ASCII), "isn't a snapshot");
    Path absent = directory.resolve("absent");
    assertThatThrownBy(() -> guest.machine.load(absent))
        .isInstanceOf(SnapshotException.class)
        .hasMessageContaining("absent: can't be read");
  }

  @Test
  void aFileThatCannotBeWrittenLeavesTheOldOneAlone() throws IOException {
    Path nowhere = directory.resolve("nowhere").resolve("machine.kms");
    assertThatThrownBy(() -> guest.machine.save(nowhere))
        .isInstanceOf(SnapshotException.class)
        .hasMessageContaining("can't be written");
    assertThat(Files.readAllBytes(file)).isEqualTo(whole);
  }
}
