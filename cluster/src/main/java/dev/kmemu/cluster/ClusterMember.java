package dev.kmemu.cluster;

import com.hazelcast.cluster.Address;
import com.hazelcast.core.Hazelcast;
import com.hazelcast.core.HazelcastInstance;
import dev.kmemu.campaign.drive.CampaignPlan;
import dev.kmemu.campaign.drive.CampaignState;

/** This process as a member of a cluster that does one campaign. */
public final class ClusterMember implements AutoCloseable {

  private static final String PLAN = "plan";
  private static final String LOGGING = "hazelcast.logging.type";

  private final HazelcastInstance hazelcast;

  private ClusterMember(HazelcastInstance hazelcast) {
    this.hazelcast = hazelcast;
  }

  /**
   * Joins a cluster, or begins one when no other member is there.
   *
   * @param config {@code HOST:PORT,...} with the addresses of all members, or the name of a
   *     Hazelcast configuration
   * @throws ClusterException when that isn't possible
   */
  public static ClusterMember join(String config) {
    // It says things before it has read a configuration.
    System.setProperty(LOGGING, "slf4j");
    try {
      return new ClusterMember(Hazelcast.newHazelcastInstance(ClusterConfig.parse(config)));
    } catch (ClusterException e) {
      throw e;
    } catch (RuntimeException e) {
      throw new ClusterException(
          config + ": " + e.getMessage() + " (are all ports of the list taken on this host?)", e);
    }
  }

  /** Returns how many members there are, this one included. */
  public int size() {
    return hazelcast.getCluster().getMembers().size();
  }

  /**
   * Returns the runs that the members do together, and takes over what they have done.
   *
   * @param state receives the results of all members
   * @param end the first run that isn't done, {@link Long#MAX_VALUE} for no end
   * @throws ClusterException when the cluster does another campaign, saying which
   */
  public SharedRuns share(CampaignState state, long end) {
    String own = describe(state.plan());
    Object others = hazelcast.getMap(SharedRuns.MAPS + "plan").putIfAbsent(PLAN, own);
    if (others != null && !others.equals(own)) {
      throw new ClusterException(
          "the cluster does "
              + others
              + ", not "
              + own
              + " (give the same options, or join another cluster)");
    }
    return new SharedRuns(hazelcast, state, end);
  }

  private static String describe(CampaignPlan plan) {
    return String.format(
        "--suite %s --pmap %s --seed %d --steps %d",
        plan.suite().name(), plan.pmap().className(), plan.seed(), plan.steps());
  }

  /** Returns how many members there are and where this one listens. */
  @Override
  public String toString() {
    Address own = hazelcast.getCluster().getLocalMember().getAddress();
    String members = size() == 1 ? "1 member" : size() + " members";
    return members + ", this one at " + own.getHost() + ":" + own.getPort();
  }

  /** Leaves at once, as a process that dies does. */
  void crash() {
    hazelcast.getLifecycleService().terminate();
  }

  /** Leaves; the other members keep all results. */
  @Override
  public void close() {
    hazelcast.shutdown();
  }
}
