package dev.kmemu.cluster;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.hazelcast.config.Config;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ClusterConfigTest {

  @Test
  void addressesSayWhereMembersListenAndWhomTheyAsk() {
    Config config = ClusterConfig.parse("127.0.0.1:5701,127.0.0.1:5702");
    assertThat(config.getNetworkConfig().getPort()).isEqualTo(5701);
    assertThat(config.getNetworkConfig().getPortCount()).isEqualTo(2);
    assertThat(config.getNetworkConfig().getInterfaces().getInterfaces())
        .containsExactly("127.0.0.1");
    assertThat(config.getNetworkConfig().getJoin().getTcpIpConfig().getMembers())
        .containsExactly("127.0.0.1:5701", "127.0.0.1:5702");
    assertThat(config.getNetworkConfig().getJoin().getMulticastConfig().isEnabled()).isFalse();
  }

  @Test
  void aFileIsHazelcastsOwnConfiguration(@TempDir Path directory) throws IOException {
    Path file = directory.resolve("cluster.yaml");
    Files.writeString(file, "hazelcast:\n  cluster-name: lab\n");
    assertThat(ClusterConfig.parse(file.toString()).getClusterName()).isEqualTo("lab");
  }

  @Test
  void aFileThatIsNoConfigurationIsRefused(@TempDir Path directory) throws IOException {
    Path file = directory.resolve("cluster.yaml");
    Files.writeString(file, "- 1\n- 2\n");
    assertThatThrownBy(() -> ClusterConfig.parse(file.toString()))
        .isInstanceOf(ClusterException.class)
        .hasMessageContaining(file.toString())
        .hasMessageContaining("isn't a Hazelcast configuration");
  }

  @Test
  void aFileThatIsNotThereIsRefused() {
    assertThatThrownBy(() -> ClusterConfig.parse("nowhere.xml"))
        .isInstanceOf(ClusterException.class)
        .hasMessage("there is no 'nowhere.xml' (name a Hazelcast configuration, .xml or .yaml)");
  }

  @ParameterizedTest
  @ValueSource(strings = {"127.0.0.1", "127.0.0.1:0", "127.0.0.1:65536", "a:1,b", "", "a b:1"})
  void whatIsNoAddressIsRefused(String text) {
    assertThatThrownBy(() -> ClusterConfig.parse(text))
        .isInstanceOf(ClusterException.class)
        .hasMessageContaining("is no HOST:PORT with a port of 1 to 65535");
  }
}
