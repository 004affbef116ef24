package dev.kmemu.emulator.fuzz;

import com.sun.management.OperatingSystemMXBean;
import dev.kmemu.emulator.cpu.CpuExit;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;

/**
 * Runs random code until its time is up. It prints each machine's seed before that machine runs, so
 * that whoever sees it crash knows which one it was.
 *
 * <p>Arguments: seconds, first seed, number of machines (0 for as many as there is time for).
 */
final class Fuzzer {

  private static final int RUNS = 200;
  private static final int WARM_UP_MACHINES = 30;
  private static final long MOST_GROWTH = 192L << 20;
  private static final long STOP_AFTER_NANOS = 500_000_000;
  private static final long HANG_NANOS = 30_000_000_000L;

  /** CPU time of this process below which a run that lasts for too long is the host's doing. */
  private static final long HANG_CPU_NANOS = 10_000_000_000L;

  /** The run is blocked, however busy the host is. */
  private static final long BLOCKED_NANOS = 200_000_000_000L;

  private static final Thread FUZZING = Thread.currentThread();

  private static volatile long startedAt;
  private static volatile long startedAtCpu;
  private static volatile boolean done;
  private static volatile @Nullable FuzzMachine current;

  private final Map<String, Integer> exits = new TreeMap<>();
  private long warm;

  private Fuzzer() {}

  /** Runs. */
  public static void main(String[] args) throws IOException {
    long end = System.nanoTime() + Long.parseLong(args[0]) * 1_000_000_000L;
    long seed = Long.parseLong(args[1]);
    long machines = Long.parseLong(args[2]);
    boolean replay = machines > 0;
    Thread watchdog = new Thread(Fuzzer::watch, "watchdog");
    watchdog.setDaemon(true);
    watchdog.start();
    new Fuzzer().fuzz(end, seed, replay ? machines : Long.MAX_VALUE, replay);
    done = true;
  }

  private void fuzz(long end, long firstSeed, long machines, boolean verbose) throws IOException {
    long made = 0;
    while (made < machines && (verbose || System.nanoTime() < end)) {
      long seed = firstSeed + made++;
      System.out.println("seed " + seed);
      System.out.flush();
      try (FuzzMachine machine = new FuzzMachine(seed)) {
        current = machine;
        for (int run = 0; run < RUNS; run++) {
          if (verbose) {
            System.out.println("run " + run);
          }
          startedAtCpu = cpuNanos();
          startedAt = System.nanoTime();
          CpuExit exit = machine.run();
          if (System.nanoTime() - startedAt > STOP_AFTER_NANOS) {
            exits.merge("by the watchdog", 1, Integer::sum);
          }
          startedAt = 0;
          exits.merge(name(exit).replaceAll("RIP 0x\\w+", "RIP"), 1, Integer::sum);
          if (verbose) {
            System.out.println("  " + name(exit));
          }
          String complaint = run % 16 == 15 ? machine.complaint() : null;
          if (complaint != null) {
            fail("the CPU of seed " + seed + " is broken after run " + run + ": " + complaint);
          }
        }
        current = null;
      } catch (RuntimeException | Error e) {
        e.printStackTrace(System.out);
        fail("seed " + seed + " threw " + e);
      }
      if (made == WARM_UP_MACHINES) {
        warm = resident();
      }
    }
    System.out.println("machines " + made + ", runs " + made * RUNS + ", exits " + exits);
    if (made > WARM_UP_MACHINES) {
      long growth = resident() - warm;
      System.out.println("resident growth " + (growth >> 20) + " MiB");
      if (growth > MOST_GROWTH) {
        fail("native memory leaks");
      }
    }
  }

  private static String name(CpuExit exit) {
    return exit instanceof CpuExit.EngineFailed failed
        ? "EngineFailed " + failed.reason()
        : exit.getClass().getSimpleName();
  }

  private static void fail(String reason) {
    System.out.println("FAILED: " + reason);
    System.out.flush();
    Runtime.getRuntime().halt(2);
  }

  /** Stops what runs for too long, and gives up where that doesn't help. */
  private static void watch() {
    while (!done) {
      LockSupport.parkNanos(1_000_000);
      long start = startedAt;
      FuzzMachine machine = current;
      long age = System.nanoTime() - start;
      if (start != 0 && machine != null && age > HANG_NANOS) {
        long used = cpuNanos() - startedAtCpu;
        if (used > HANG_CPU_NANOS || age > BLOCKED_NANOS) {
          for (StackTraceElement frame : FUZZING.getStackTrace()) {
            System.out.println("  at " + frame);
          }
          fail("the run hangs, " + used / 1_000_000 + " ms of CPU time in " + age / 1_000_000);
        }
      }
      if (start != 0 && machine != null && age > STOP_AFTER_NANOS) {
        new Thread(machine.cpu::requestStop).start();
        LockSupport.parkNanos(20_000_000);
      }
    }
  }

  private static long cpuNanos() {
    return ManagementFactory.getPlatformMXBean(OperatingSystemMXBean.class).getProcessCpuTime();
  }

  private static long resident() throws IOException {
    String line =
        Files.readAllLines(Path.of("/proc/self/status")).stream()
            .filter(l -> l.startsWith("VmRSS:"))
            .findFirst()
            .orElseThrow();
    return Long.parseLong(line.replaceAll("\\D", "")) << 10;
  }
}
