package dev.kmemu.cluster;

import com.hazelcast.cluster.Member;
import com.hazelcast.core.HazelcastInstance;
import com.hazelcast.map.IMap;
import dev.kmemu.campaign.drive.CampaignState;
import dev.kmemu.campaign.drive.RangeResult;
import dev.kmemu.campaign.drive.RunRange;
import dev.kmemu.campaign.drive.RunSet;
import dev.kmemu.campaign.drive.RunSource;
import java.util.BitSet;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * The runs of a campaign that the members of a cluster do together, in numbered ranges of the same
 * length. Two maps, both with backups, hold all there is to know: who is at work on a range, and
 * what came of it. The claims of a member that is gone are given up to the others; a result is
 * taken once, whoever brings it, so that a range that was done twice counts once.
 *
 * <p>Threads: for the workers of this member.
 */
public final class SharedRuns implements RunSource {

  /** How the names of the maps begin. */
  static final String MAPS = "kmemu-campaign.";

  private static final long PAUSE_MILLIS = 100;

  /** How often claims are looked at though no member is known to be gone. */
  private static final long LOOK_NANOS = 2_000_000_000L;

  /** What a range has whose runs were done before the cluster began. */
  private static final byte[] DONE_BEFORE = {};

  private final HazelcastInstance hazelcast;
  private final CampaignState state;
  private final IMap<Integer, UUID> claims;
  private final IMap<Integer, byte[]> results;
  private final UUID self;
  private final int runsOfRange;
  private final int ranges;

  /** Ranges whose results this member has. */
  private final BitSet taken = new BitSet();

  /** Ranges that this member's workers are at. */
  private final BitSet working = new BitSet();

  /** No range before it can be claimed, as long as nobody dies. */
  private int cursor;

  private Set<UUID> members = Set.of();
  private long lastLook = System.nanoTime() - LOOK_NANOS;
  private boolean stopped;

  SharedRuns(HazelcastInstance hazelcast, CampaignState state, long end) {
    this.hazelcast = hazelcast;
    this.state = state;
    claims = hazelcast.getMap(MAPS + "claims");
    results = hazelcast.getMap(MAPS + "results");
    self = hazelcast.getCluster().getLocalMember().getUuid();
    runsOfRange = state.plan().runsOfRange();
    long whole = end == Long.MAX_VALUE ? end : (end + runsOfRange - 1) / runsOfRange;
    ranges = (int) Math.min(whole, Integer.MAX_VALUE);
    publishDone();
    collect();
  }

  private void publishDone() {
    RunSet done = state.doneRuns();
    for (int i = 0; done.overlaps(range(i)); i++) {
      RunRange gap = done.firstGap(1);
      if (gap.first() > range(i).first() && gap.first() < range(i).end()) {
        throw new ClusterException(
            "the campaign ended at run "
                + gap.first()
                + ", which is in the middle of a range of "
                + runsOfRange
                + " (go on without --cluster up to --runs "
                + range(i).end()
                + " first)");
      }
      results.putIfAbsent(i, DONE_BEFORE);
      taken.set(i);
    }
  }

  @Override
  public Optional<RunRange> next() {
    while (!isStopped()) {
      collect();
      Optional<RunRange> claimed = claim();
      if (claimed.isPresent()) {
        return claimed;
      } else if (isDone()) {
        return Optional.empty();
      }
      pause();
    }
    return Optional.empty();
  }

  private synchronized Optional<RunRange> claim() {
    giveUpClaimsOfTheGone();
    for (int i = taken.nextClearBit(cursor);
        i < ranges && !stopped;
        i = taken.nextClearBit(i + 1)) {
      if (working.get(i) || results.containsKey(i) || !isOurs(claims.putIfAbsent(i, self))) {
        continue;
      }
      if (!results.containsKey(i)) {
        working.set(i);
        cursor = i + 1;
        return Optional.of(range(i));
      }
      // Its result came between the two looks.
      claims.remove(i, self);
    }
    cursor = ranges;
    return Optional.empty();
  }

  /**
   * Whether a claim that was tried is this member's. When the member that keeps it dies before it
   * has answered, the map asks its backup, and that knows the claim already.
   */
  private boolean isOurs(@Nullable UUID before) {
    return before == null || before.equals(self);
  }

  private void giveUpClaimsOfTheGone() {
    Set<UUID> present =
        hazelcast.getCluster().getMembers().stream()
            .map(Member::getUuid)
            .collect(Collectors.toUnmodifiableSet());
    long now = System.nanoTime();
    if (present.equals(members) && now - lastLook < LOOK_NANOS) {
      return;
    }
    members = present;
    lastLook = now;
    for (Map.Entry<Integer, UUID> claim : claims.entrySet()) {
      if (!present.contains(claim.getValue()) && claims.remove(claim.getKey(), claim.getValue())) {
        cursor = 0;
      }
    }
  }

  private synchronized boolean isDone() {
    return taken.nextClearBit(0) >= ranges;
  }

  private void pause() {
    try {
      Thread.sleep(PAUSE_MILLIS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      stop();
    }
  }

  @Override
  public void finish(RangeResult result) {
    int i = (int) (result.range().first() / runsOfRange);
    byte[] packed = PackedResult.pack(result);
    if (results.putIfAbsent(i, packed) == null) {
      take(i, result);
    }
    synchronized (this) {
      working.clear(i);
    }
    claims.remove(i, self);
  }

  /** Takes the results of the others that have come since. */
  public void collect() {
    for (Integer i : results.keySet()) {
      if (!isTaken(i)) {
        byte[] packed = results.get(i);
        if (packed != null && packed.length > 0) {
          take(i, PackedResult.unpack(state.plan().suite(), packed));
        }
      }
    }
  }

  private synchronized boolean isTaken(int i) {
    return taken.get(i);
  }

  private synchronized void take(int i, RangeResult result) {
    if (!taken.get(i)) {
      taken.set(i);
      state.merge(result);
    }
  }

  private RunRange range(int i) {
    return new RunRange((long) i * runsOfRange, runsOfRange);
  }

  private synchronized boolean isStopped() {
    return stopped;
  }

  @Override
  public synchronized void stop() {
    stopped = true;
  }
}
