package dev.kmemu.cli;

import static dev.kmemu.cli.Refusals.assertRefused;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import dev.kmemu.emulator.boot.ElfImage;
import dev.kmemu.firmware.FirmwareImage;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A guest that can't be loaded is refused in one line, before anything runs. */
class RefusedGuestTest {

  private static final int E_MACHINE = 18;
  private static final int E_ENTRY = 24;
  private static final byte EM_AARCH64 = (byte) 183;

  private final Path directory;

  RefusedGuestTest(@TempDir Path directory) {
    this.directory = directory;
  }

  private Path guest(byte[] content) throws IOException {
    return Files.write(directory.resolve("the guest.elf"), content);
  }

  private static Program.Ended run(Path guest) {
    return Program.run("run", guest.toString(), "--exit");
  }

  /** Returns where the last byte ends that is loaded. */
  private static int loadedEnd(byte[] elf) {
    return ElfImage.parse("self-test", elf).segments().stream()
        .mapToInt(segment -> (int) (segment.fileOffset() + segment.fileSize()))
        .max()
        .orElseThrow();
  }

  @Test
  void aMissingFileIsNamed() {
    Path guest = directory.resolve("missing.elf");

    assertRefused(run(guest), ExitStatus.USAGE, guest.toString(), "no such file", "ELF64");
  }

  @Test
  void anEmptyFileIsNotAProgram() throws IOException {
    Path guest = guest(new byte[0]);

    assertRefused(run(guest), ExitStatus.USAGE, guest.toString(), "is empty", "ELF64");
  }

  @Test
  void aDirectoryIsNotAProgram() {
    assertRefused(
        run(directory), ExitStatus.USAGE, directory.toString(), "isn't a regular file", "ELF64");
  }

  @Test
  void aTextIsNotAProgram() throws IOException {
    Path guest = guest("hello, world\n".getBytes(UTF_8));

    assertRefused(run(guest), ExitStatus.USAGE, guest.toString(), "isn't ELF", "0x68656c6c");
  }

  @Test
  void aProgramForAnotherCpuIsRefused() throws IOException {
    byte[] elf = FirmwareImage.selfTest().bytes();
    elf[E_MACHINE] = EM_AARCH64;
    Path guest = guest(elf);

    assertRefused(run(guest), ExitStatus.USAGE, guest.toString(), "183", "62", "x86_64");
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 3, 4, 16, 63, 64, 100, 175, 176, 4095, 4097, -1})
  void aProgramThatWasCutShortIsRefused(int length) throws IOException {
    byte[] elf = FirmwareImage.selfTest().bytes();
    int kept = length < 0 ? loadedEnd(elf) + length : length;
    Path guest = guest(Arrays.copyOf(elf, kept));

    assertRefused(run(guest), ExitStatus.USAGE, guest.toString(), "copy it again");
  }

  @Test
  void aProgramThatLostOnlyItsSymbolsStillRuns() throws IOException {
    byte[] elf = FirmwareImage.selfTest().bytes();
    Path guest = guest(Arrays.copyOf(elf, loadedEnd(elf)));

    Program.Ended ended = run(guest);

    assertThat(ended.status()).as("%s", ended).isZero();
    assertThat(ended.out()).contains("selftest: pass");
  }

  @Test
  void aProgramLargerThanRamTellsHowMuchItNeeds() {
    Path guest = GuestElf.write(directory.resolve("large.elf"), 80 << 20, GuestElf.HALT);

    assertRefused(
        run(guest), ExitStatus.USAGE, guest.toString(), "0x5200000", "0x4000000", "at least 82M");
  }

  @Test
  void aProgramThatLeavesTheKernelNoRoomIsRefused() {
    Path guest = GuestElf.write(directory.resolve("large.elf"), 80 << 20, GuestElf.HALT);

    Program.Ended ended = Program.run("run", guest.toString(), "--ram", "83M", "--exit");

    assertThat(ended.status()).as("%s", ended).isEqualTo(ExitStatus.USAGE);
    assertThat(ended.errLines()).singleElement().asString().contains("too small", "more RAM");
  }

  @Test
  void aProgramLinkedAtOtherAddressesIsToldWhereToLinkIt() throws IOException {
    byte[] elf = FirmwareImage.selfTest().bytes();
    Arrays.fill(elf, E_ENTRY + 3, E_ENTRY + 8, (byte) 0);
    Path guest = guest(elf);

    assertRefused(run(guest), ExitStatus.USAGE, guest.toString(), "entry", "0xffffffff80000000");
  }
}
