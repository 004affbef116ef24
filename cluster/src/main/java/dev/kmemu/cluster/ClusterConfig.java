package dev.kmemu.cluster;

import com.hazelcast.config.Config;
import com.hazelcast.config.JoinConfig;
import com.hazelcast.config.MapConfig;
import com.hazelcast.config.NetworkConfig;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/** What a member needs to know of its cluster, as Hazelcast has it. */
final class ClusterConfig {

  private static final String NAME = "kmemu-campaign";

  /** Two members may die at the same moment, and nothing is lost. */
  private static final int BACKUPS = 2;

  private ClusterConfig() {}

  /**
   * Reads {@code text}: the name of a Hazelcast configuration, XML or YAML, or the addresses of the
   * members.
   *
   * @throws ClusterException when it is neither
   */
  static Config parse(String text) {
    Path file = Path.of(text);
    Config config = isFile(text, file) ? ofFile(file) : ofMembers(MemberAddress.parseAll(text));
    config.setProperty("hazelcast.phone.home.enabled", "false");
    config.setProperty("hazelcast.shutdownhook.enabled", "false");
    config.addMapConfig(new MapConfig(SharedRuns.MAPS + "*").setBackupCount(BACKUPS));
    return config;
  }

  private static boolean isFile(String text, Path file) {
    return Files.isRegularFile(file) || text.matches(".*\\.(xml|ya?ml)");
  }

  private static Config ofFile(Path file) {
    if (!Files.isRegularFile(file)) {
      throw new ClusterException(
          "there is no '" + file + "' (name a Hazelcast configuration, .xml or .yaml)");
    }
    try {
      return Config.loadFromFile(file.toFile());
    } catch (IOException | RuntimeException e) {
      throw new ClusterException(
          "'"
              + file
              + "' isn't a Hazelcast configuration: "
              + e.getMessage()
              + " (mend it, or name the members' addresses instead)",
          e);
    }
  }

  /** Members find each other by their addresses alone, and listen on nothing else. */
  private static Config ofMembers(List<MemberAddress> members) {
    MemberAddress first = members.get(0);
    Config config = new Config().setClusterName(NAME);
    NetworkConfig network = config.getNetworkConfig();
    network.setPort(first.port()).setPortAutoIncrement(true).setPortCount(members.size());
    network.getInterfaces().setEnabled(true).addInterface(first.host());
    network.setPublicAddress(null);
    JoinConfig join = network.getJoin();
    join.getAutoDetectionConfig().setEnabled(false);
    join.getMulticastConfig().setEnabled(false);
    join.getTcpIpConfig().setEnabled(true);
    members.forEach(member -> join.getTcpIpConfig().addMember(member.toString()));
    return config;
  }
}
