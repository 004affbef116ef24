package dev.kmemu.cli;

import static dev.kmemu.cli.Refusals.assertOneLine;
import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HexFormat;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What {@code boot} does when nobody takes what the guest transmits. */
class UntakenOutputTest {

  private static final Path FULL = Path.of("/dev/full");

  /** {@code mov dx, 0x3f8; mov al, 'A'; out dx, al; jmp $}. */
  private static final String SAY_A_AND_SPIN = "baf803 b041 ee ebfe";

  /** The same, but for a jump to OUT. */
  private static final String SAY_A_FOR_EVER = "baf803 b041 ee ebfd";

  /** {@code mov al, 'A'; out 0xe9, al; jmp $}. */
  private static final String DEBUG_A_AND_SPIN = "b041 e6e9 ebfe";

  private final Path directory;

  UntakenOutputTest(@TempDir Path directory) {
    this.directory = directory;
  }

  private String image(String hex) throws IOException {
    byte[] code = HexFormat.of().parseHex(hex.replace(" ", ""));
    return Files.write(directory.resolve("image.bin"), code).toString();
  }

  /** Runs it with nothing read from it before its end. */
  private Program.Ended endUnread(ProcessBuilder program) throws IOException, InterruptedException {
    File errors = directory.resolve("errors").toFile();
    Process process = program.redirectError(errors).start();
    try {
      assertThat(process.waitFor(Transcript.PATIENCE.toSeconds(), TimeUnit.SECONDS))
          .as("it ends")
          .isTrue();
      return new Program.Ended(process.exitValue(), "", Files.readString(errors.toPath()));
    } finally {
      process.destroyForcibly();
    }
  }

  @Test
  void aFileThatCannotBeWrittenEndsTheGuestWithTheReason() throws IOException {
    assumeTrue(Files.exists(FULL), "only Linux has a file that is always full");
    String image = image(SAY_A_AND_SPIN);

    assertOneLine(
        Program.run("boot", image, "--format", "flat16", "--serial", FULL.toString()),
        ExitStatus.ENVIRONMENT,
        "--serial: '/dev/full' can't be written: ",
        "name another file");
  }

  @Test
  void standardOutputThatCannotBeWrittenEndsTheGuestWithTheReason()
      throws IOException, InterruptedException {
    assumeTrue(Files.exists(FULL), "only Linux has a file that is always full");
    for (String code : new String[] {SAY_A_AND_SPIN, DEBUG_A_AND_SPIN}) {
      ProcessBuilder program = Program.prepare("boot", image(code), "--format", "flat16");

      assertOneLine(
          endUnread(program.redirectOutput(FULL.toFile())),
          ExitStatus.ENVIRONMENT,
          "standard output can't be written: ",
          "redirect it");
    }
  }

  @Test
  void aReportThatCannotBeWrittenIsTold() throws IOException, InterruptedException {
    assumeTrue(Files.exists(FULL), "only Linux has a file that is always full");
    String[] json = {"boot", image("f4"), "--format", "flat16", "--serial", "none", "--json", "-"};
    for (String[] arguments : new String[][] {json, {"run", "--exit"}, {"--help"}}) {
      assertOneLine(
          endUnread(Program.prepare(arguments).redirectOutput(FULL.toFile())),
          ExitStatus.ENVIRONMENT,
          "standard output can't be written");
    }
  }

  @Test
  void aReaderThatLeavesEndsTheGuestQuietly() throws IOException, InterruptedException {
    File errors = directory.resolve("errors").toFile();
    Process process =
        Program.prepare("boot", image(SAY_A_FOR_EVER), "--format", "flat16")
            .redirectError(errors)
            .start();
    try {
      assertThat(process.getInputStream().read()).isEqualTo('A');
      process.getInputStream().close();

      assertThat(process.waitFor(Transcript.PATIENCE.toSeconds(), TimeUnit.SECONDS)).isTrue();
      assertThat(process.exitValue()).isEqualTo(ExitStatus.READER_LEFT);
      assertThat(errors).isEmpty();
    } finally {
      process.destroyForcibly();
    }
  }

  @Test
  void theTimeLimitHoldsWhileNobodyReadsStandardOutput() throws IOException, InterruptedException {
    assumeTrue(Files.exists(FULL), "only of Linux is it known how much a pipe holds");
    Path report = directory.resolve("report.json");
    ProcessBuilder program =
        Program.prepare(
            "boot",
            image(SAY_A_AND_SPIN),
            "--format",
            "flat16",
            "--timeout",
            "2",
            "--json",
            report.toString());
    // However busy the host is, the guest's first character finds the pipe full.
    program.command().addAll(0, List.of("sh", "-c", "head -c 65536 /dev/zero; exec \"$@\"", "sh"));
    Program.Ended ended = endUnread(program);

    assertThat(ended.status()).as("%s", ended).isEqualTo(ExitStatus.TIMEOUT);
    assertThat(ended.err())
        .startsWith("kmemu: boot: the guest still ran after")
        .contains("its output wasn't taken, and the rest is lost: --serial");
    JsonNode json = new ObjectMapper().readTree(report.toFile());
    assertThat(json.get("outcome").asText()).isEqualTo("timeout");
    assertThat(json.get("untaken_output").get(0).asText()).isEqualTo("--serial");
  }
}
