package dev.kmemu.campaign.drive;

import dev.kmemu.campaign.Failure;
import dev.kmemu.campaign.coverage.Coverage;
import dev.kmemu.emulator.unicorn.Unicorn;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;

/** Carries a campaign on in this process, by as many threads as asked. */
public final class Campaign {

  private static final long PERIOD_MILLIS = 250;
  private static final int SAVE_EVERY = 20;
  private static final long HANG_NANOS = 30_000_000_000L;
  private static final long NANOS_OF_STEP = 10_000_000L;
  private static final int MOST_CALLS = 12;

  private final CampaignState state;
  private final Unicorn unicorn;
  private final CampaignLimits limits;
  private final List<RangeWorker> workers = new ArrayList<>();
  private final AtomicReference<@Nullable Throwable> broken = new AtomicReference<>();
  private final RunSource runs;
  private final long hangNanos;
  private volatile boolean stopped;

  /** Creates one that this process does alone; {@link #run} begins. */
  public Campaign(CampaignState state, Unicorn unicorn, CampaignLimits limits) {
    this(
        state,
        unicorn,
        limits,
        new RunDispenser(
            state.doneRuns(), state.plan().runsOfRange(), limits.runs(), state::merge));
  }

  /** Creates one whose runs come from {@code runs}; {@link #run} begins. */
  public Campaign(CampaignState state, Unicorn unicorn, CampaignLimits limits, RunSource runs) {
    this(state, unicorn, limits, runs, HANG_NANOS + state.plan().steps() * NANOS_OF_STEP);
  }

  /** Creates one that gives a run up after {@code hangNanos}. */
  Campaign(
      CampaignState state, Unicorn unicorn, CampaignLimits limits, RunSource runs, long hangNanos) {
    this.hangNanos = hangNanos;
    this.state = state;
    this.unicorn = unicorn;
    this.limits = limits;
    this.runs = runs;
  }

  /** Ends the campaign once each worker is done with what it has. From any thread. */
  public void stop() {
    stopped = true;
    runs.stop();
  }

  /** Returns what has come of it so far. From any thread. */
  public CampaignState state() {
    return state;
  }

  /**
   * Does runs until a limit is reached, or {@link #stop} was called.
   *
   * @param save is called from time to time
   * @throws RuntimeException what keeps runs from being done at all
   */
  public void run(Runnable save) {
    long start = System.nanoTime();
    Knowledge knowledge = new Knowledge(state);
    CountDownLatch working = new CountDownLatch(limits.jobs());
    for (int i = 0; i < limits.jobs(); i++) {
      Thread thread = new Thread(() -> work(knowledge, working), "campaign-" + (i + 1));
      thread.setDaemon(true);
      thread.start();
    }
    watch(working, start, save);
    state.addMillis((System.nanoTime() - start) / 1_000_000);
    Throwable cause = broken.get();
    if (cause instanceof RuntimeException e) {
      throw e;
    } else if (cause != null) {
      throw new IllegalStateException(cause);
    }
  }

  private void work(Knowledge knowledge, CountDownLatch working) {
    try (RangeWorker worker = new RangeWorker(state.plan(), unicorn, knowledge, () -> stopped)) {
      synchronized (workers) {
        workers.add(worker);
      }
      Optional<RunRange> range = runs.next();
      while (range.isPresent()) {
        runs.finish(worker.run(range.get()));
        range = stopped ? Optional.empty() : runs.next();
      }
    } catch (RuntimeException | Error e) {
      broken.compareAndSet(null, e);
      stop();
    } finally {
      working.countDown();
    }
  }

  private void watch(CountDownLatch working, long start, Runnable save) {
    boolean interrupted = false;
    for (int i = 1; ; i++) {
      try {
        if (working.await(PERIOD_MILLIS, TimeUnit.MILLISECONDS)) {
          break;
        }
      } catch (InterruptedException e) {
        interrupted = true;
        stop();
      }
      if (System.nanoTime() - start > limits.nanos()) {
        stop();
      }
      if (hasHung()) {
        stop();
        break;
      }
      if (i % SAVE_EVERY == 0) {
        save.run();
      }
    }
    if (interrupted) {
      Thread.currentThread().interrupt();
    }
  }

  /**
   * Whether a run takes so long that it won't end: the code under test goes round in a circle, or
   * sleeps. Its thread is given up, and the campaign ends, because nothing can stop it.
   */
  private boolean hasHung() {
    synchronized (workers) {
      for (RangeWorker worker : workers) {
        RangeWorker.CurrentRun run = worker.current();
        if (run != null && System.nanoTime() - run.startNanos() > hangNanos) {
          runs.finish(hung(run, worker.whereabouts(MOST_CALLS)));
          return true;
        }
      }
    }
    return false;
  }

  private RangeResult hung(RangeWorker.CurrentRun run, List<String> where) {
    Failure failure =
        new Failure(
            "hang", "unknown", "the run ends", "it doesn't (its script isn't shrunk)", where);
    Finding finding =
        new Finding(
            run.range().first(),
            failure.kind(),
            failure,
            run.script().withFinding(failure.toString()),
            run.script().steps().size(),
            0,
            0);
    return new RangeResult(
        run.range(),
        0,
        0,
        new Coverage(state.plan().suite().features()),
        Map.of(failure.kind(), 1L),
        List.of(finding),
        List.of());
  }
}
