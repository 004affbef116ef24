package dev.kmemu.cli;

import static dev.kmemu.cli.Refusals.assertOneLine;
import static dev.kmemu.cli.Refusals.assertRefused;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** An option that makes no sense is refused in one line that names what was given. */
class RefusedOptionTest {

  @ParameterizedTest
  @ValueSource(
      strings = {
        "0",
        "1",
        "3T",
        "12K",
        "-1",
        "junk",
        "64.5M",
        "64MB",
        "16777217",
        "999999999999999999999",
        "99999999999999999999999999999T"
      })
  void ramThatMakesNoSenseIsRefusedWithItsLimits(String ram) {
    assertRefused(
        Program.run("run", "--exit", "--ram", ram),
        ExitStatus.USAGE,
        "--ram",
        "'" + ram + "'",
        "16M",
        "64G",
        "for example 64M");
  }

  @ParameterizedTest
  @ValueSource(strings = {"apic", "-foo", "+", "-apic,", "-APIC", "-apic,acpi"})
  void aDeviceThatCannotBeChosenIsRefusedWithThoseThatCan(String devices) {
    assertRefused(
        Program.run("boot", "image", "--device=" + devices),
        ExitStatus.USAGE,
        "--device",
        "there are apic, acpi, pit, rtc, hpet, keyboard, fw-cfg");
  }

  @ParameterizedTest
  @ValueSource(strings = {"max,+smpe", "max,-smepp", "qemu64,-x"})
  void aFeatureThatThereIsNotIsRefusedWithThoseThatThereAre(String cpu) {
    assertRefused(
        Program.run("boot", "image", "--cpu", cpu), ExitStatus.USAGE, "--cpu", "smep, bmi2, erms");
  }

  @ParameterizedTest
  @ValueSource(strings = {"max,+avx", "max,-lm", "pentium", "max,smep"})
  void aProcessorThatCannotBeIsRefused(String cpu) {
    assertRefused(Program.run("run", "--exit", "--cpu", cpu), ExitStatus.USAGE, "--cpu", "'");
  }

  @ParameterizedTest
  @ValueSource(strings = {"disk0", "disk0:burn", "disk0:fail-read,skip=x", "pit:drop-read,in=3"})
  void aFaultThatIsNoneIsRefused(String fault) {
    assertRefused(
        Program.run("boot", "image", "--device-fault", fault), ExitStatus.USAGE, "--device-fault");
  }

  @ParameterizedTest
  @ValueSource(strings = {"70000", "-1", "foo", "127.0.0.1:", "127.0.0.1:foo", ":", "1e3"})
  void aPortThatIsNoneIsRefusedWithItsLimits(String address) {
    assertRefused(
        Program.run("run", "--exit", "--gdb", address),
        ExitStatus.USAGE,
        "--gdb",
        "'" + address + "'",
        "[HOST:]PORT",
        "65535");
  }

  @ParameterizedTest
  @ValueSource(strings = {"x", "0", "1001", "1.5", "99999999999999999999"})
  void aNumberOfRepetitionsThatIsNoneIsRefusedWithItsLimits(String repetitions) {
    assertRefused(
        Program.run("bench", "--repetitions", repetitions),
        ExitStatus.USAGE,
        "--repetitions: '" + repetitions + "' isn't a whole number from 1 to 1000",
        "./kmemu bench --help");
  }

  @Test
  void aHostThatNobodyKnowsIsNamed() {
    assertRefused(
        Program.run("run", "--exit", "--gdb", "nosuchhost.invalid:1"),
        ExitStatus.USAGE,
        "--gdb",
        "nosuchhost.invalid",
        "unknown host");
  }

  @Test
  void aPortInUseIsTheEnvironmentsFault() throws IOException {
    try (ServerSocket other =
        new ServerSocket(0, 1, InetAddress.getByAddress(new byte[] {127, 0, 0, 1}))) {
      String port = Integer.toString(other.getLocalPort());

      Program.Ended ended = Program.run("run", "--exit", "--gdb", port);

      assertOneLine(ended, ExitStatus.ENVIRONMENT, "--gdb", "127.0.0.1:" + port, "port 0");
      assertThat(ended.out()).as("nothing ran: %s", ended).doesNotContain("selftest");
    }
  }

  @Test
  void waitingWithoutADebuggerIsRefused() {
    assertRefused(Program.run("run", "--wait"), ExitStatus.USAGE, "--wait", "--gdb PORT");
  }

  @Test
  void anUnknownOptionIsNamed() {
    assertRefused(
        Program.run("run", "--nosuch"), ExitStatus.USAGE, "--nosuch", "./kmemu run --help");
  }

  @Test
  void anUnknownCommandIsNamed() {
    assertRefused(Program.run("nosuch"), ExitStatus.USAGE, "nosuch", "./kmemu --help");
  }

  @Test
  void aTimeThatIsNoneIsRefusedWithThoseThatAre() {
    assertRefused(
        Program.run("run", "--exit", "--time", "cpu"),
        ExitStatus.USAGE,
        "--time",
        "'cpu'",
        "wall",
        "instructions");
  }

  @Test
  void aSecondGuestIsNamed() {
    assertRefused(
        Program.run("run", "one.elf", "two.elf"),
        ExitStatus.USAGE,
        "two.elf",
        "./kmemu run --help");
  }

  @Test
  void anOptionWithoutItsValueIsNamed() {
    assertRefused(Program.run("run", "--ram"), ExitStatus.USAGE, "--ram", "SIZE");
  }

  @Test
  void verboseAddsTheStackTraceOfARefusedOption() {
    Program.Ended ended = Program.run("run", "--wait", "--verbose");

    assertThat(ended.status()).as("%s", ended).isEqualTo(ExitStatus.USAGE);
    assertThat(ended.err()).contains("\tat dev.kmemu.cli.RunCommand");
    assertThat(ended.errLines()).last().asString().startsWith("kmemu: run: --wait");
  }
}
