package dev.kmemu.campaign.sched;

import dev.kmemu.vm.kern.ThreadScheduler;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Semaphore;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Runs kernel threads one at a time. A thread goes on until it ends, waits, or reaches a point
 * where it is to be preempted; then the next one that can goes on, in the order of their numbers.
 * The same preemptions always give the same run.
 *
 * <p>One owner, which runs a section after the other. Threads that belong to no section, the owner
 * among them, are never preempted.
 */
public final class Turns implements ThreadScheduler {

  /**
   * A thread that goes round in circles without waiting lets the others on after so many points.
   */
  private static final int FAIR = 3_000;

  private static final int MOST_POINTS = 100_000;

  /** So many points of a step that one thread does alone take a second or so. */
  private static final int MOST_POINTS_ALONE = 5_000_000;

  private final Relief relief;
  private final Semaphore end = new Semaphore(0);
  private final List<KernelThread> threads = new ArrayList<>();
  private List<Preemption> preemptions = List.of();
  private volatile @Nullable KernelThread current;
  private @Nullable Consumer<String> listener;
  private @Nullable Throwable failure;
  private int sinceSwitch;
  private int points;
  private int pointsAlone;

  /**
   * Creates it.
   *
   * @param relief is asked, on a thread of its own, to let somebody go on when nobody can: what
   *     others would do in time, such as giving memory back. False when there is nothing left to do
   */
  public Turns(BooleanSupplier relief) {
    this.relief = new Relief(relief);
  }

  /** Sets who is told of switches, null for nobody. */
  public void explainTo(@Nullable Consumer<String> newListener) {
    listener = newListener;
  }

  /**
   * What a thread of a section does.
   *
   * @param description what it does, for reports; empty for a thread that isn't there
   */
  public record Body(String description, Runnable action) {}

  /**
   * Runs a section until all of its threads have ended.
   *
   * @throws StuckException when they don't end
   * @throws RuntimeException what a thread threw; the others have been given up then, with what
   *     they hold
   */
  public void run(List<Body> bodies, List<Preemption> plan) {
    threads.clear();
    current = null;
    failure = null;
    preemptions = List.copyOf(plan);
    sinceSwitch = 0;
    points = 0;
    for (int i = 0; i < bodies.size(); i++) {
      Body body = bodies.get(i);
      KernelThread thread = new KernelThread(i, body.description(), () -> live(body));
      thread.done = body.description().isEmpty();
      threads.add(thread);
    }
    KernelThread first = unfinished();
    if (first == null) {
      return;
    }
    threads.stream().filter(thread -> !thread.done).forEach(thread -> thread.thread.start());
    current = first;
    first.giveTurn();
    end.acquireUninterruptibly();
    Throwable thrown = failure;
    if (thrown instanceof RuntimeException e) {
      throw e;
    } else if (thrown instanceof Error e) {
      throw e;
    }
  }

  private void live(Body body) {
    KernelThread me = running();
    try {
      if (failure == null) {
        body.action().run();
      }
    } catch (Abandoned e) {
      tell(me, "is given up");
    } catch (RuntimeException | Error e) {
      if (failure == null) {
        failure = e;
      }
    }
    me.done = true;
    me.waiting = null;
    KernelThread next = null;
    try {
      next = failure == null ? next(me) : null;
    } catch (RuntimeException e) {
      failure = e;
    }
    if (next == null) {
      // To be given up, one after the other.
      next = unfinished();
    }
    current = next;
    if (next == null) {
      end.release();
    } else {
      next.giveTurn();
    }
  }

  private @Nullable KernelThread unfinished() {
    return threads.stream().filter(thread -> !thread.done).findFirst().orElse(null);
  }

  private KernelThread running() {
    KernelThread thread = current;
    if (thread == null) {
      throw new IllegalStateException("no thread of a section runs");
    }
    return thread;
  }

  @Override
  public void mayPreempt(String where) {
    KernelThread me = current;
    if (me == null) {
      countAlone();
      return;
    }
    if (me.thread != Thread.currentThread() || failure != null) {
      return;
    }
    me.points++;
    sinceSwitch++;
    if (++points > MOST_POINTS) {
      failure = stuck("livelock");
      throw new Abandoned();
    }
    KernelThread next = planned(me);
    if (next == null && sinceSwitch > FAIR) {
      next = ready(me);
    }
    if (next != null && next != me && next.canGoOn()) {
      tell(me, "is preempted by " + KernelThread.name(next.number) + ", " + where);
      handOver(me, next);
    }
  }

  /** Begins something that the owner does alone, for ever if nobody counts. */
  public void beginStep() {
    pointsAlone = 0;
  }

  private void countAlone() {
    if (++pointsAlone > MOST_POINTS_ALONE) {
      pointsAlone = 0;
      throw new StuckException("livelock", List.of("the only thread goes on"));
    }
  }

  private @Nullable KernelThread planned(KernelThread me) {
    for (Preemption preemption : preemptions) {
      if (preemption.thread() == me.number
          && preemption.point() == me.points
          && preemption.next() < threads.size()) {
        return threads.get(preemption.next());
      }
    }
    return null;
  }

  @Override
  public boolean await(Object channel, String wmesg, BooleanSupplier isOver, boolean limited) {
    KernelThread.Wait wait = new KernelThread.Wait(channel, wmesg, isOver, limited);
    KernelThread me = current;
    if (me == null || me.thread != Thread.currentThread()) {
      return awaitAlone(wait);
    }
    if (failure != null) {
      throw new Abandoned();
    }
    me.waiting = wait;
    tell(me, wait.toString());
    KernelThread next;
    try {
      next = next(me);
    } catch (RuntimeException e) {
      failure = e;
      throw new Abandoned();
    }
    if (next != null && next != me) {
      handOver(me, next);
    }
    boolean woken = !me.timedOut;
    me.waiting = null;
    me.timedOut = false;
    return woken;
  }

  /** There is nobody else. */
  private boolean awaitAlone(KernelThread.Wait wait) {
    while (!wait.isOver().getAsBoolean()) {
      if (!relief.comes()) {
        if (wait.limited()) {
          return false;
        }
        throw new StuckException("deadlock", List.of("the only thread " + wait));
      }
    }
    return true;
  }

  private void handOver(KernelThread me, KernelThread next) {
    sinceSwitch = 0;
    current = next;
    next.giveTurn();
    me.awaitTurn();
    if (failure != null) {
      throw new Abandoned();
    }
  }

  /** Returns who goes on when {@code me} doesn't, null when all have ended. */
  private @Nullable KernelThread next(KernelThread me) {
    if (unfinished() == null) {
      return null;
    }
    do {
      KernelThread ready = ready(me);
      if (ready != null) {
        return ready;
      }
    } while (relief.comes());
    for (KernelThread thread : threads) {
      KernelThread.Wait wait = thread.waiting;
      if (!thread.done && wait != null && wait.limited()) {
        thread.timedOut = true;
        return thread;
      }
    }
    throw stuck("deadlock");
  }

  /** Returns the first that can go on behind {@code me}, itself last. */
  private @Nullable KernelThread ready(KernelThread me) {
    for (int i = 1; i <= threads.size(); i++) {
      KernelThread thread = threads.get((me.number + i) % threads.size());
      if (thread.canGoOn()) {
        return thread;
      }
    }
    return null;
  }

  private StuckException stuck(String check) {
    return new StuckException(
        check, threads.stream().filter(thread -> !thread.done).map(KernelThread::report).toList());
  }

  private void tell(KernelThread thread, String what) {
    Consumer<String> told = listener;
    if (told != null) {
      told.accept(KernelThread.name(thread.number) + " at " + thread.points + ": " + what);
    }
  }
}
