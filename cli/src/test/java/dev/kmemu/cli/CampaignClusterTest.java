package dev.kmemu.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** {@code kmemu campaign --cluster}: processes that do one campaign. */
class CampaignClusterTest {

  private static final int RUNS = 1500;
  private static final int STEPS = 100;

  private final Path directory;

  CampaignClusterTest(@TempDir Path directory) {
    this.directory = directory;
  }

  @Test
  void threeProcessesDoEachRunOnceThoughOneIsKilled() throws IOException {
    String addresses = addresses();
    try (Program first = start("first", addresses)) {
      first.awaitOutput("cluster: 1 member, this one at 127.0.0.1:");
      try (Program second = start("second", addresses)) {
        second.awaitOutput("cluster: 2 members");
        try (Program third = start("third", addresses)) {
          third.awaitOutput("cluster: 3 members");
          third.signal("KILL");
          assertThat(third.awaitEnd().status()).isNotEqualTo(ExitStatus.OK);
        }
        assertDidAll("second", second.awaitEnd());
      }
      assertDidAll("first", first.awaitEnd());
    }
  }

  @Test
  void anotherCampaignThanTheClustersIsRefused() throws IOException {
    String addresses = addresses();
    try (Program first = start("first", addresses)) {
      first.awaitOutput("cluster: 1 member");
      Program.Ended other =
          Program.run(
              "campaign",
              "--cluster",
              addresses,
              "--out",
              out("other"),
              "--seed",
              "9",
              "--runs",
              "10");
      assertThat(other.status()).isEqualTo(ExitStatus.ENVIRONMENT);
      assertThat(other.err())
          .contains("kmemu: --cluster: the cluster does --suite pmap --pmap standard --seed 4")
          .contains("not --suite pmap --pmap standard --seed 9")
          .contains("(give the same options, or join another cluster)");
    }
  }

  @Test
  void whatNamesNoClusterIsRefused() {
    Program.Ended ended = Program.run("campaign", "--cluster", "lab", "--out", out("lab"));
    assertThat(ended.status()).isEqualTo(ExitStatus.ENVIRONMENT);
    assertThat(ended.err()).contains("kmemu: --cluster: 'lab' is no HOST:PORT");
  }

  private Program start(String name, String addresses) {
    return Program.start(
        "campaign",
        "--cluster",
        addresses,
        "--out",
        out(name),
        "--seed",
        "4",
        "--runs",
        Integer.toString(RUNS),
        "--steps",
        Integer.toString(STEPS),
        "--jobs",
        "1");
  }

  private String out(String name) {
    return directory.resolve(name).toString();
  }

  private void assertDidAll(String name, Program.Ended ended) throws IOException {
    assertThat(ended.status()).as("%s", ended).isEqualTo(ExitStatus.OK);
    Path out = directory.resolve(name);
    assertThat(out.resolve("campaign.properties")).content().contains("done=0-" + (RUNS - 1));
    JsonNode results = new ObjectMapper().readTree(Files.readString(out.resolve("results.json")));
    assertThat(results.get("runs").asLong()).isEqualTo(RUNS);
    assertThat(results.get("steps").asLong()).isEqualTo((long) RUNS * STEPS);
  }

  /** Returns three addresses, of which the first was free a moment ago. */
  private static String addresses() throws IOException {
    try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      int port = Math.min(socket.getLocalPort(), 65_000);
      return "127.0.0.1:" + port + ",127.0.0.1:" + (port + 1) + ",127.0.0.1:" + (port + 2);
    }
  }
}
