package dev.kmemu.cli;

import static dev.kmemu.cli.Refusals.assertRefused;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardWatchEventKinds;
import java.nio.file.WatchService;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** {@code kmemu campaign}: what it prints, keeps and refuses, and how it ends. */
class CampaignTest {

  private static final String SCRIPT = "kmemu-campaign 1\nsuite pmap\nsteps\n";

  private final Path directory;

  CampaignTest(@TempDir Path directory) {
    this.directory = directory;
  }

  private Path out() {
    return directory.resolve("out");
  }

  private Program.Ended campaign(String... more) {
    String[] arguments = new String[more.length + 3];
    arguments[0] = "campaign";
    arguments[1] = "--out";
    arguments[2] = out().toString();
    System.arraycopy(more, 0, arguments, 3, more.length);
    return Program.run(arguments);
  }

  private JsonNode results() throws IOException {
    return new ObjectMapper().readTree(Files.readString(out().resolve("results.json")));
  }

  @Test
  void aGreenCampaignEndsWithASummaryAndKeepsItsResults() throws IOException {
    Program.Ended ended = campaign("--seed", "4", "--runs", "12", "--steps", "50", "--jobs", "2");

    assertThat(ended.status()).as("%s", ended).isEqualTo(ExitStatus.OK);
    assertThat(ended.err()).isEmpty();
    assertThat(ended.out()).contains("suite pmap", "seed 4", "runs 12", "failures 0");
    assertThat(results().get("runs").asLong()).isEqualTo(12);
    assertThat(results().get("steps").asLong()).isEqualTo(600);
    assertThat(results().get("ram").asText()).isEqualTo("0xc00000");
    assertThat(out().resolve("junit.xml")).content().contains("failures=\"0\"");
    assertThat(out().resolve("report.html")).content().contains("<strong>Passed</strong>");
    assertThat(out().resolve("corpus")).isNotEmptyDirectory();
  }

  @Test
  void aSecondSessionGoesOnBehindTheFirst() throws IOException {
    campaign("--seed", "4", "--runs", "6", "--steps", "50");
    Program.Ended ended = campaign("--runs", "10");

    assertThat(ended.status()).as("%s", ended).isEqualTo(ExitStatus.OK);
    assertThat(ended.out()).contains("seed 4", "50 steps", "runs 10 (4 in this session");
    assertThat(results().get("steps").asLong()).isEqualTo(500);
  }

  @ParameterizedTest
  @CsvSource({"--seed,5,4", "--steps,60,50", "--suite,map,pmap", "--pmap,some.Pmap,standard"})
  void anOptionThatContradictsTheDirectoryIsRefused(String option, String asked, String kept) {
    campaign("--seed", "4", "--runs", "1", "--steps", "50");

    assertRefused(
        campaign("--runs", "2", option, asked), ExitStatus.USAGE, option, asked, kept, "--out");
  }

  @Test
  void ctrlCEndsItAndKeepsEverything() throws IOException, InterruptedException {
    Files.createDirectory(out());
    try (WatchService watch = out().getFileSystem().newWatchService()) {
      out().register(watch, StandardWatchEventKinds.ENTRY_CREATE);
      try (Program program =
          Program.start("campaign", "--minutes", "5", "--steps", "50", "--out", out().toString())) {
        assertThat(watch.poll(Transcript.PATIENCE.toSeconds(), TimeUnit.SECONDS)).isNotNull();
        program.signal("INT");
        Program.Ended ended = program.awaitEnd();

        assertThat(ended.status()).as("%s", ended).isEqualTo(ExitStatus.OK);
        assertThat(ended.out()).containsOnlyOnce("failures 0").containsOnlyOnce("kept in");
        assertThat(results().get("failures").asLong()).isZero();
      }
    }
  }

  @Test
  void aReplayTellsWhatEachStepExpectedAndWhatCame() throws IOException {
    Path script = directory.resolve("a.script");
    Files.writeString(script, SCRIPT + "enter A 0x1000 p0 r pageable\nstore user 0x1000\n");

    Program.Ended ended = Program.run("campaign", "--replay", script.toString());

    assertThat(ended.status()).as("%s", ended).isEqualTo(ExitStatus.OK);
    assertThat(ended.out())
        .contains("1  enter A 0x1000 p0 r pageable", "2  store user 0x1000")
        .contains("expected ring 3 store: #PF 0x7 (protection, write, user)")
        .contains("got      #PF 0x7 (protection, write, user) at 0x17f8")
        .contains("no difference in 2 steps");
  }

  @Test
  void aScriptThatIsNoneIsRefusedByItsLine() throws IOException {
    Path script = directory.resolve("a.script");
    Files.writeString(script, SCRIPT + "jump\n");

    assertRefused(
        Program.run("campaign", "--replay", script.toString()),
        ExitStatus.USAGE,
        "--replay",
        "a.script",
        "line 4",
        "'jump'");
    assertRefused(
        Program.run("campaign", "--replay", directory.resolve("b").toString()),
        ExitStatus.USAGE,
        "there is no",
        "DIR/failures");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "--suite|chess|'chess'|pmap",
        "--runs|0|--runs: '0' isn't a whole number from 1 to 2^63-1|./kmemu campaign --help",
        "--runs|x|--runs: 'x' isn't a whole number from 1 to 2^63-1|./kmemu campaign --help",
        "--seed|x|--seed: 'x' isn't a whole number from -2^63 to 2^63-1|./kmemu campaign --help",
        "--seed|9223372036854775808|--seed|2^63-1",
        "--minutes|0|--minutes: '0' isn't a number of minutes above 0|up to 100000",
        "--minutes|x|--minutes: 'x' isn't a number of minutes above 0|./kmemu campaign --help",
        "--minutes|NaN|--minutes|'NaN'",
        "--jobs|0|--jobs: '0' isn't a whole number from 1 to 256|./kmemu campaign --help",
        "--jobs|2.5|--jobs: '2.5' isn't a whole number from 1 to 256|./kmemu campaign --help",
        "--steps|100001|--steps: '100001' isn't a whole number from 1 to 100000|--help",
        "--pmap|no.Such|no.Such|class path",
        "--pmap|java.lang.String|java.lang.String|PmapProvider",
        "--classpath|/no/such|'/no/such'|jars",
        "--suite=gdb --pmap|standard|--pmap: suite gdb uses none|leave it out",
        "--suite=image --pmap|no.Such|--pmap: suite image uses none|leave it out",
      })
  void whatMakesNoSenseIsRefused(String option, String value, String part, String other) {
    String[] options = (option + " " + value).split(" ");
    assertRefused(campaign(options), ExitStatus.USAGE, part, other);
    assertThat(out()).doesNotExist();
  }

  @Test
  void runsAndMinutesTogetherAreRefused() {
    assertRefused(
        campaign("--runs", "5", "--minutes", "1"), ExitStatus.USAGE, "--runs and --minutes");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "--suite=map",
        "--seed=3",
        "--runs=3",
        "--minutes=1",
        "--jobs=1",
        "--steps=5",
        "--out=x",
        "--cluster=127.0.0.1:5701"
      })
  void aReplayTakesNothingThatACampaignDoes(String option) throws IOException {
    Path script = Files.writeString(directory.resolve("a.script"), SCRIPT);

    assertRefused(
        Program.run("campaign", "--replay", script.toString(), option),
        ExitStatus.USAGE,
        "--replay and " + option.substring(0, option.indexOf('=')) + ":");
  }

  @Test
  void aReplayOfASuiteWithoutAPmapTakesNone() throws IOException {
    Path script = directory.resolve("a.script");
    Files.writeString(script, SCRIPT.replace("suite pmap", "suite gdb"));

    assertRefused(
        Program.run("campaign", "--replay", script.toString(), "--pmap", "standard"),
        ExitStatus.USAGE,
        "--pmap: suite gdb uses none");
  }

  @Test
  void aDirectoryThatCannotBeWrittenIsTheEnvironmentsFault() throws IOException {
    Files.writeString(out(), "a file");

    assertRefused(campaign("--runs", "1"), ExitStatus.ENVIRONMENT, "out", "--out");
  }
}
