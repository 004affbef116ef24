package dev.kmemu.cli;

import static dev.kmemu.cli.Refusals.assertRefused;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.kmemu.emulator.pc.PcDevice;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.Channels;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** {@code ./kmemu boot} with images of a few instructions. */
class BootTest {

  private static final String POWER_OFF = "ba0406 b80020 ef f4";
  private static final String RESET = "b0fe e664 f4";

  /** {@code mov al, 'A'; out 0xe9, al}. */
  private static final String DEBUG_A = "b041 e6e9";

  private static final String EXIT_WITH_3 = "b003 e6f4 f4";
  private static final String HALT = "fa f4";
  private static final String SPIN = "ebfe";
  private static final String UD2 = "0f0b";

  /** {@code mov dx, 0x3f8; mov al, 'A'; out dx, al}, and the same with a line feed. */
  private static final String SAY_A = "baf803 b041 ee b00a ee";

  /** {@code mov ax, 0xb800; mov ds, ax; mov word [0], 0x0756}. */
  private static final String SHOW_V = "b800b8 8ed8 c70600005607";

  private final Path directory;

  BootTest(@TempDir Path directory) {
    this.directory = directory;
  }

  private Path image(String hex) {
    try {
      byte[] code = HexFormat.of().parseHex(hex.replace(" ", ""));
      return Files.write(directory.resolve("image.bin"), code);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private Program.Ended boot(String hex, String... options) {
    List<String> arguments = new ArrayList<>(List.of("boot", image(hex).toString()));
    if (!List.of(options).contains("--format")) {
      arguments.addAll(List.of("--format", "flat16"));
    }
    arguments.addAll(List.of(options));
    return Program.run(arguments.toArray(String[]::new));
  }

  @Test
  void aPipeGetsWhatTheGuestTransmitsAndNothingElse() {
    Program.Ended ended = boot(SAY_A + POWER_OFF);

    assertThat(ended.status()).as("%s", ended).isZero();
    assertThat(ended.out()).isEqualTo("A\n");
    assertThat(ended.err()).isEmpty();
  }

  @Test
  void aResetAndAHaltAreOrderlyEnds() {
    assertThat(boot(RESET).status()).isZero();
    assertThat(boot(HALT).status()).isZero();
  }

  @Test
  void theDebugExitGivesAnOddStatus() {
    assertThat(boot(EXIT_WITH_3).status()).isEqualTo(7);
  }

  @Test
  void theGuestSeesTheProcessorThatWasChosen() {
    // mov eax, 7; xor ecx, ecx; cpuid; shr ebx, 7; and ebx, 1; mov al, bl; out 0xf4, al; hlt
    String smep = "b807000000 31c9 0fa2 c1eb07 83e301 88d8 e6f4 f4";
    assertThat(boot(smep, "--format", "flat32").status()).isEqualTo(3);
    assertThat(boot(smep, "--format", "flat32", "--cpu", "max,-smep").status()).isEqualTo(1);
    assertThat(boot(smep, "--format", "flat32", "--cpu", "x86-64,+smep").status()).isEqualTo(3);
  }

  @Test
  void aDeviceCanBeMadeToMisbehave() {
    String swallow = "uart-3f8:swallow-write,at=0x3f8,skip=1,count=1";
    assertThat(boot(SAY_A + SAY_A + POWER_OFF, "--device-fault", swallow).out()).isEqualTo("AA\n");
    assertRefused(
        boot(HALT, "--device-fault", "lpt:drop-read"), ExitStatus.USAGE, "'lpt'", "uart-3f8");
  }

  @Test
  void aTripleFaultIsACrashThatIsToldInOneLine() {
    Program.Ended ended = boot(UD2, "--format", "flat32");

    assertThat(ended.status()).as("%s", ended).isEqualTo(ExitStatus.GUEST_CRASHED);
    assertThat(ended.errLines()).hasSize(1);
    assertThat(ended.err()).startsWith("kmemu: boot: the guest crashed: #UD").contains("100000");
  }

  @Test
  void aBreakpointWithAnEmptyIdtIsAReset() {
    Program.Ended ended = boot("cc", "--format", "flat32");

    assertThat(ended.status()).as("%s", ended).isZero();
    assertThat(ended.err()).isEmpty();
  }

  @Test
  void aGuestThatIsTooSlowIsStoppedAndLookedAt() throws IOException {
    Path report = directory.resolve("report.json");
    Program.Ended ended = boot(SPIN, "--timeout", "0.2", "--json", report.toString());

    assertThat(ended.status()).as("%s", ended).isEqualTo(ExitStatus.TIMEOUT);
    assertThat(ended.err())
        .startsWith("kmemu: boot: the guest still ran after")
        .contains("PICs: requested", "local APIC: requested", "last exits: interrupt or request")
        .contains("RIP 0x0000000000007c00, real mode", "running at 0x0000000000007c00");
    JsonNode json = new ObjectMapper().readTree(report.toFile());
    assertThat(json.get("outcome").asText()).isEqualTo("timeout");
    assertThat(json.get("standstill").get("rip").asText()).isEqualTo("0x7c00");
  }

  @Test
  void theReportTellsWhatWasLoadedAndHowItEnded() throws IOException {
    Path report = directory.resolve("report.json");
    boot(EXIT_WITH_3, "--json", report.toString(), "--time", "instructions", "--load", "0x8000");

    JsonNode json = new ObjectMapper().readTree(report.toFile());
    assertThat(json.get("format").asText()).isEqualTo("flat binary, 16-bit");
    assertThat(json.get("entry").asText()).isEqualTo("0x8000");
    assertThat(json.get("parts").get(0).get("start").asText()).isEqualTo("0x8000");
    assertThat(json.get("outcome").asText()).isEqualTo("exited");
    assertThat(json.get("exit_status").asInt()).isEqualTo(7);
    assertThat(json.get("exit_value").asInt()).isEqualTo(3);
    assertThat(json.get("port_accesses").asInt()).isOne();
    assertThat(json.get("state_hash").asText()).hasSize(64);
  }

  @Test
  void theDebugConsoleIsOnStandardOutput() {
    assertThat(boot(DEBUG_A + SAY_A + POWER_OFF).out()).isEqualTo("AA\n");
    assertThat(boot(DEBUG_A + SAY_A + POWER_OFF, "--serial", "none").out()).isEqualTo("A");
  }

  @Test
  void theDebugConsoleLeavesStandardOutputToTheReport() throws IOException {
    Program.Ended ended = boot(DEBUG_A + POWER_OFF, "--serial", "none", "--json", "-");

    assertThat(new ObjectMapper().readTree(ended.out()).get("outcome").asText())
        .as("%s", ended)
        .isEqualTo("powered-off");
    assertThat(ended.out()).startsWith("{");
    assertThat(ended.err()).isEqualTo("A");
  }

  @Test
  void theScreenIsPrintedAtTheEndAndTheSerialPortMayBeAFile() throws IOException {
    Path log = directory.resolve("serial.log");
    Program.Ended ended = boot(SAY_A + SHOW_V + POWER_OFF, "--screen", "--serial", log.toString());

    assertThat(ended.status()).as("%s", ended).isZero();
    assertThat(ended.outLines()).hasSize(25).first().isEqualTo("V");
    assertThat(log).hasContent("A\n");
  }

  private Program startWaiting() {
    String image = image(HALT).toString();
    return Program.start("boot", image, "--format", "flat32", "--gdb", "0", "--wait");
  }

  @Test
  void gdbFindsTheGuestAtItsEntry() {
    try (Program program = startWaiting();
        Gdb gdb = Gdb.attach(program.awaitStub())) {
      assertThat(gdb.value("$pc")).isEqualTo(0x10_0000);
      assertThat(gdb.ask("monitor info registers")).contains("00100000");
    }
  }

  @Test
  void resetGoesBackToWhereTheGuestWasLoaded() {
    try (Program program = startWaiting();
        Gdb gdb = Gdb.attach(program.awaitStub())) {
      gdb.ask("set $rbx = 77");
      assertThat(gdb.ask("monitor reset")).contains("back at the beginning");
      gdb.ask("maintenance flush register-cache");
      assertThat(gdb.value("$rbx")).isZero();
    }
  }

  @Test
  void whatMakesNoSenseIsRefused() {
    String image = image(HALT).toString();
    assertRefused(Program.run("boot", image), ExitStatus.USAGE, image, "--format flat16");
    assertRefused(Program.run("boot", "nosuch"), ExitStatus.USAGE, "nosuch", "no such file");
    assertRefused(boot(HALT, "--wait"), ExitStatus.USAGE, "--wait", "--gdb PORT");
    assertRefused(boot(HALT, "--timeout", "0"), ExitStatus.USAGE, "--timeout", "'0'");
    assertRefused(boot(HALT, "--load", "x"), ExitStatus.USAGE, "--load", "'x'", "0x100000");
    assertRefused(boot(HALT, "--load", "0xffffff000"), ExitStatus.USAGE, "real mode");
    assertRefused(boot(HALT, "--json", "-"), ExitStatus.USAGE, "--json -", "--serial none");
    assertRefused(
        boot(HALT, "--json", "-", "--serial", "none", "--console", "stdio"),
        ExitStatus.USAGE,
        "--json -",
        "--console");
    assertRefused(boot(HALT, "--format", "elf"), ExitStatus.USAGE, "'elf'", "multiboot");
    assertRefused(boot(HALT, "--module", "=x"), ExitStatus.USAGE, "--module", "'=x'");
    assertRefused(
        boot(HALT, "--serial", directory + "/no/such"), ExitStatus.ENVIRONMENT, "--serial");
    assertRefused(
        Program.run("boot", image, "--load", "0x1000"), ExitStatus.USAGE, "--load", "flat16");
  }

  @Test
  void aProfileTellsWhyTheCpuLeftGuestCode() {
    Program.Ended ended = boot(SAY_A + POWER_OFF, "--profile");

    assertThat(ended.status()).isZero();
    assertThat(ended.err())
        .containsPattern("kmemu: exits +count +time +us each")
        .containsPattern("  ports +[1-9]\\d* ")
        .containsPattern("  guest code, translation +\\d+\\.\\d %");
  }

  @Test
  void aProfileIsInTheJsonTooAndSoIsTheNumberOfInstructions() {
    Program.Ended ended = boot(SAY_A + POWER_OFF, "--profile", "--serial", "none", "--json", "-");

    assertThat(ended.out())
        .contains("\"kind\": \"port\"")
        .containsPattern("\"instructions\": [1-9]")
        .containsPattern("\"asleep_nanoseconds\": \\d");
  }

  @Test
  void mapsSayWhatThePageTablesMapAtTheEnd() {
    Program.Ended ended = boot("f4", "--format", "flat64", "--maps", "--serial", "none");

    assertThat(ended.out())
        .containsPattern("cr3 0x[0-9a-f]+, four-level paging")
        .containsPattern("0000000000000000-[0-9a-f]{16} +\\d+[MG] -rwx-  \\d+x.* at 0x0  W\\+X")
        .contains("writable and executable: 1 ranges");
    assertThat(boot("f4", "--maps", "--serial", "none").out()).startsWith("paging is off");
  }

  @Test
  void theMapsOfAGuestThatRunsOnAreNoFailure() {
    Program.Ended ended =
        Program.run("maps", image("ebfe").toString(), "--format", "flat64", "--timeout", "0.2");

    assertThat(ended.status()).isZero();
    assertThat(ended.out()).contains("four-level paging").contains("1 ranges, pages: ");
  }

  @Test
  void theSerialPortMayBeASocket() throws IOException {
    // mov dx, 0x3fc; mov al, 3; out dx, al
    // again: mov dx, 0x3fd; wait: in al, dx; test al, 1; jz wait
    // mov dx, 0x3f8; in al, dx; out dx, al; cmp al, 'q'; jne again
    String echoUntilQ = "bafc03 b003 ee bafd03 ec a801 74fb baf803 ec ee 3c71 75ef";
    Path socket = directory.resolve("serial.sock");
    try (Program program =
        Program.start(
            "boot",
            image(echoUntilQ + POWER_OFF).toString(),
            "--format",
            "flat16",
            "--serial",
            "unix:" + socket)) {
      program.awaitOutput("serial: listening on " + socket);
      try (SocketChannel client = SocketChannel.open(UnixDomainSocketAddress.of(socket))) {
        client.write(ByteBuffer.wrap("hello q".getBytes(StandardCharsets.US_ASCII)));
        byte[] echo = Channels.newInputStream(client).readNBytes(7);
        assertThat(new String(echo, StandardCharsets.US_ASCII)).isEqualTo("hello q");
      }
      assertThat(program.awaitEnd().status()).isZero();
    }
    assertThat(socket).doesNotExist();
  }

  @Test
  void aSerialPortOnATakenPortIsRefused() throws IOException {
    try (ServerSocket taken = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      Program.Ended ended = boot(SAY_A + POWER_OFF, "--serial", "tcp:" + taken.getLocalPort());

      assertThat(ended.status()).isEqualTo(ExitStatus.ENVIRONMENT);
      assertThat(ended.err()).contains("--serial: can't listen on 127.0.0.1:", "use port 0");
    }
  }

  @Test
  void aDiskThatIsNotThereIsRefused() {
    Program.Ended ended = boot(SAY_A + POWER_OFF, "--disk", "no-such.img");

    assertThat(ended.status()).isEqualTo(ExitStatus.USAGE);
    assertThat(ended.err()).contains("--disk: 'no-such.img' can't be read: there is no such file");
  }

  @Test
  void aDirectoryAndAFifoAreNoDisks() throws Exception {
    Path fifo = directory.resolve("fifo");
    assertThat(new ProcessBuilder("mkfifo", fifo.toString()).start().waitFor()).isZero();
    for (Path none : List.of(directory, fifo)) {
      assertRefused(
          boot(SPIN, "--timeout", "1", "--disk", none.toString()),
          ExitStatus.USAGE,
          "--disk: '" + none + "' can't be read: it isn't a regular file");
    }
  }

  @Test
  void aFifthDiskIsRefusedWithTheLimit() throws IOException {
    Path disk = Files.write(directory.resolve("disk.img"), new byte[512]);
    List<String> options = new ArrayList<>();
    for (int i = 0; i < 4; i++) {
      options.addAll(List.of("--disk", disk + ",ro"));
    }
    assertThat(boot(POWER_OFF, options.toArray(String[]::new)).status()).isZero();
    options.addAll(List.of("--disk", disk.toString()));
    assertRefused(
        boot(POWER_OFF, options.toArray(String[]::new)),
        ExitStatus.USAGE,
        "--disk: 5 disks",
        "up to 4");
  }

  @Test
  void aFlatImageThatWouldGetNothingOfItIsRefused() {
    String file = image(POWER_OFF).toString();
    assertRefused(boot(POWER_OFF, "--append", "x"), ExitStatus.USAGE, "flat binary", "--append");
    assertRefused(boot(POWER_OFF, "--initrd", file), ExitStatus.USAGE, "flat binary", "--initrd");
    assertRefused(boot(POWER_OFF, "--module", file), ExitStatus.USAGE, "flat binary", "--module");
  }

  @Test
  void aFaultThatCouldNeverHappenIsRefused() {
    assertRefused(
        boot(HALT, "--device-fault", "uart-3f8:set-read,at=0x99999"),
        ExitStatus.USAGE,
        "uart-3f8",
        "0x99999",
        "ports 0x3f8 to 0x3ff");
  }

  @Test
  void helpNamesEachDeviceThatCanBeTakenAway() {
    String help = Program.run("boot", "--help").out().replaceAll("\\s+", " ");
    for (PcDevice device : PcDevice.values()) {
      assertThat(help).contains(device.id() + " (");
    }
  }

  @Test
  void theConsoleAndTheSerialPortCannotBothBeOnTheTerminal() {
    Program.Ended ended = boot(SAY_A + POWER_OFF, "--console", "stdio");

    assertThat(ended.status()).isEqualTo(ExitStatus.USAGE);
    assertThat(ended.err()).contains("--console stdio").contains("--serial none");
  }
}
