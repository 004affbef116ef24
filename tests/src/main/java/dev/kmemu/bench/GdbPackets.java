package dev.kmemu.bench;

import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;

/**
 * How many packets a second a debug stub answers, over TCP to this machine, one after the other;
 * QEMU's stub does the same where there is one. Wall-clock time, because two processes share the
 * work.
 */
record GdbPackets() implements Benchmark {

  private static final int STEPS = 2_000;
  private static final int READS = 4_000;
  private static final int HITS = 500;
  private static final int WARM_UP_ROUNDS = 5;
  private static final double NANOS = 1e9;
  private static final int CONNECT_TRIES = 200;
  private static final long CONNECT_PAUSE_NANOS = 25_000_000;

  private static final String REGISTERS = "g";
  private static final String STOPPED = "T05";

  @Override
  public String name() {
    return "gdb";
  }

  @Override
  public List<BenchmarkResult> measure(Bench bench) {
    try (StubUnderTest ours = StubUnderTest.kmemu(bench.unicorn())) {
      StubUnderTest qemu = StubUnderTest.qemu().orElse(null);
      try (PacketClient client = connect(ours)) {
        if (qemu == null) {
          return measure(bench, client, null);
        }
        try (PacketClient other = connect(qemu)) {
          return measure(bench, client, other);
        }
      } finally {
        if (qemu != null) {
          qemu.close();
        }
      }
    }
  }

  private static List<BenchmarkResult> measure(
      Bench bench, PacketClient ours, @Nullable PacketClient qemu) {
    for (int i = 0; i < WARM_UP_ROUNDS; i++) {
      steps(ours);
      reads(ours, REGISTERS, READS);
      reads(ours, memoryPacket(), READS);
      hits(ours);
    }
    List<BenchmarkResult> results = new ArrayList<>();
    int times = Math.max(3, bench.repetitions() / 4);
    results.add(
        Median.of(times, () -> steps(ours), qemu == null ? null : () -> steps(qemu))
            .result("gdb.s", "/s", Target.ratioAtLeast(5)));
    results.add(
        Median.of(
                times,
                () -> reads(ours, REGISTERS, READS),
                qemu == null ? null : () -> reads(qemu, REGISTERS, READS))
            .result("gdb.g", "/s", Target.ratioAtLeast(2)));
    results.add(
        Median.of(
                times,
                () -> reads(ours, memoryPacket(), READS),
                qemu == null ? null : () -> reads(qemu, memoryPacket(), READS))
            .result("gdb.m", "/s", Target.ratioAtLeast(2)));
    results.add(
        Median.of(times, () -> hits(ours), qemu == null ? null : () -> hits(qemu))
            .result("gdb.break", "/s", Target.ratioAtLeast(4)));
    return results;
  }

  /** Connects and runs to the loop; QEMU needs a moment until it listens. */
  private static PacketClient connect(StubUnderTest stub) {
    for (int tries = 1; ; tries++) {
      try {
        PacketClient client = new PacketClient(stub.port());
        client.expect("?", "T");
        String hardware = "1," + Integer.toHexString(DebuggedLoop.SECOND) + ",1";
        client.expect("Z" + hardware, "OK");
        client.expect("c", STOPPED);
        client.expect("z" + hardware, "OK");
        return client;
      } catch (UncheckedIOException e) {
        if (tries == CONNECT_TRIES) {
          throw e;
        }
        LockSupport.parkNanos(CONNECT_PAUSE_NANOS);
      }
    }
  }

  /** Every step must move: a round of the loop is four of them. */
  private static double steps(PacketClient client) {
    long before = eax(client);
    long start = System.nanoTime();
    for (int i = 0; i < STEPS; i++) {
      client.expect("s", STOPPED);
    }
    double rate = STEPS * NANOS / (System.nanoTime() - start);
    requireRounds(eax(client) - before, STEPS / 4);
    return rate;
  }

  private static double reads(PacketClient client, String packet, int times) {
    int length = client.ask(packet).length();
    long start = System.nanoTime();
    for (int i = 0; i < times; i++) {
      if (client.ask(packet).length() != length) {
        throw new BenchmarkException("the answers to " + packet + " differ");
      }
    }
    return times * NANOS / (System.nanoTime() - start);
  }

  /** What gdb does for a breakpoint in a loop: step off it, insert, continue, remove. */
  private static double hits(PacketClient client) {
    String breakpoint = "0," + Integer.toHexString(DebuggedLoop.SECOND) + ",1";
    long before = eax(client);
    long start = System.nanoTime();
    for (int i = 0; i < HITS; i++) {
      client.expect("s", STOPPED);
      client.expect("Z" + breakpoint, "OK");
      client.expect("c", STOPPED);
      client.expect("z" + breakpoint, "OK");
    }
    double rate = HITS * NANOS / (System.nanoTime() - start);
    requireRounds(eax(client) - before, HITS);
    return rate;
  }

  private static void requireRounds(long rounds, int expected) {
    if (Math.abs(rounds - expected) > 1) {
      throw new BenchmarkException(
          "the guest went round " + rounds + " times where " + expected + " were due");
    }
  }

  private static String memoryPacket() {
    return "m" + Integer.toHexString(DebuggedLoop.MEMORY) + ",8";
  }

  /** EAX counts the rounds; it comes first, little-endian. */
  private static long eax(PacketClient client) {
    String value = client.ask(REGISTERS);
    return Integer.reverseBytes(Integer.parseUnsignedInt(value.substring(0, 8), 16));
  }
}
