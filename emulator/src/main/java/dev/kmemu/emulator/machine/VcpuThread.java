package dev.kmemu.emulator.machine;

import dev.kmemu.emulator.cpu.CpuEngine;
import dev.kmemu.emulator.cpu.CpuExit;
import dev.kmemu.emulator.cpu.ExitProfile;
import dev.kmemu.emulator.debug.ResumeKind;
import dev.kmemu.emulator.debug.StopReason;
import dev.kmemu.emulator.snapshot.SnapshotException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.FutureTask;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * The one thread that owns the CPU. It is paused, running or closed; others hand it tasks, for
 * which it leaves guest code for a moment, or ask it to pause.
 */
final class VcpuThread {

  private enum State {
    PAUSED,
    RUNNING,
    CLOSED
  }

  private final ReentrantLock lock = new ReentrantLock();

  /** The thread has something to do; only it waits for that. */
  private final Condition due = lock.newCondition();

  private final Condition stopped = lock.newCondition();
  private final Alertness alertness = new Alertness();
  private final TaskQueue tasks = new TaskQueue();
  private final Supplier<? extends CpuOwner> owner;
  private final CpuSleep sleep;
  private final Thread thread;
  private final CpuEngine engine;

  private State state = State.PAUSED;
  private StopReason stop = new StopReason.Interrupted();
  private ResumeKind kind = ResumeKind.CONTINUE;
  private @Nullable Motion motion;
  private boolean pauseWanted;
  private boolean owesStop;
  private boolean continuing;

  /** Whether the thread itself does a task, outside the lock. */
  private boolean serving;

  /** Who executes a step or a run in the thread's place; changed with the lock held. */
  private volatile @Nullable Thread borrower;

  private final LentRuns lentRuns = new LentRuns();

  /** Only looked at on the thread itself, as is {@link #inRun}. */
  private boolean stepping;

  private boolean inRun;

  /**
   * Starts the thread, which creates the engine and pauses.
   *
   * @param owner gives who owns the CPU, asked when it runs: the owner is built around this
   * @param profile hears of each sleep, if there is one
   */
  VcpuThread(
      Supplier<CpuEngine> factory,
      Supplier<? extends CpuOwner> owner,
      @Nullable ExitProfile profile) {
    this.owner = owner;
    sleep = new CpuSleep(lock, due, this::isCalled, profile);
    CompletableFuture<CpuEngine> created = new CompletableFuture<>();
    thread = new Thread(() -> live(factory, created), "kmemu-vcpu");
    thread.setDaemon(true);
    thread.start();
    try {
      engine = created.join();
    } catch (CompletionException e) {
      throw e.getCause() instanceof RuntimeException cause ? cause : e;
    }
  }

  CpuEngine engine() {
    return engine;
  }

  boolean isCurrent() {
    Thread caller = Thread.currentThread();
    return caller == thread || caller == borrower;
  }

  /** Whether the calling thread is the CPU's, in a trap or a device of a run. */
  boolean isInRun() {
    return isCurrent() && inRun;
  }

  /** Forgets why a paused CPU is paused, because it is somewhere else now. */
  void forgetStop() {
    lock.lock();
    try {
      continuing = false;
      if (state == State.PAUSED) {
        stop = new StopReason.Interrupted();
      }
    } finally {
      lock.unlock();
    }
  }

  /** Runs {@code task} on the CPU's thread between two instructions and returns its result. */
  <T> T call(Function<CpuEngine, T> task) {
    if (isInRun()) {
      return task.apply(engine);
    }
    FutureTask<T> future;
    lock.lock();
    try {
      if (isCurrent()) {
        return task.apply(engine);
      }
      requireOpen();
      future = tasks.add(engine, task);
      work();
    } finally {
      lock.unlock();
    }
    engine.requestStop();
    return TaskQueue.join(future);
  }

  /**
   * As {@link #call}, but on the caller's thread while the CPU is paused, which saves two changes
   * of threads. The task must be short, wait for nobody, and not mind the thread.
   */
  <T> T callHere(Function<CpuEngine, T> task) {
    lock.lock();
    try {
      if (state == State.PAUSED && !serving && tasks.isEmpty()) {
        return task.apply(engine);
      }
    } finally {
      lock.unlock();
    }
    return call(task);
  }

  /** Returns what keeps the thread awake behind a stop. */
  Alertness alertness() {
    return alertness;
  }

  /** Returns why the CPU is paused, or null while it runs. */
  @Nullable StopReason stopReason() {
    lock.lock();
    try {
      return state == State.RUNNING ? null : stop;
    } finally {
      lock.unlock();
    }
  }

  /** Whether the thread hasn't been told to end. */
  boolean isOpen() {
    lock.lock();
    try {
      return state != State.CLOSED;
    } finally {
      lock.unlock();
    }
  }

  /** Throws unless the CPU is paused. */
  void requirePaused() {
    if (stopReason() == null) {
      throw new IllegalStateException("the CPU is running");
    }
  }

  /** Lets a paused CPU run; no effect on a running one. */
  void resume(ResumeKind how) {
    resume(how, null);
  }

  /** Lets a paused CPU go its way through its history; no effect on a running one. */
  void resume(Motion through) {
    resume(ResumeKind.CONTINUE, through);
  }

  private void resume(ResumeKind how, @Nullable Motion through) {
    boolean here;
    lock.lock();
    try {
      requireOpen();
      if (state != State.PAUSED) {
        return;
      }
      kind = how;
      motion = through;
      pauseWanted = false;
      owesStop = true;
      state = State.RUNNING;
      owner.get().resumed();
      here = through == null && mayRunHere();
      if (here) {
        lend(how);
      } else {
        work();
      }
    } finally {
      lock.unlock();
    }
    if (here) {
      runHere(how);
    }
  }

  private boolean mayRunHere() {
    return alertness.isWanted() && Thread.currentThread() != thread && !serving && tasks.isEmpty();
  }

  private void lend(ResumeKind how) {
    borrower = Thread.currentThread();
    if (how != ResumeKind.STEP) {
      continuing = true;
      if (lentRuns.begin()) {
        due.signalAll();
      }
    }
  }

  /**
   * Steps, or runs for a moment, on the caller's thread, which saves a debugger two changes of
   * threads. A page fault is left to the CPU's own thread: whoever serves it may wait.
   */
  private void runHere(ResumeKind how) {
    try {
      StopReason reason = runBorrowed(how);
      if (reason != null) {
        pauseAt(reason);
      }
    } finally {
      lock.lock();
      try {
        borrower = null;
        lentRuns.end();
        if (state != State.PAUSED || !tasks.isEmpty()) {
          work();
        }
      } finally {
        lock.unlock();
      }
    }
  }

  private @Nullable StopReason runBorrowed(ResumeKind how) {
    stepping = how == ResumeKind.STEP;
    if (stepping) {
      sleep.set(false);
    } else if (sleep.isOn()) {
      return null;
    }
    CpuExit exit;
    inRun = true;
    try {
      exit = stepping ? engine.stepUnlessPageFault() : engine.runUnlessPageFault();
    } catch (RuntimeException | Error e) {
      exit = new CpuExit.EngineFailed(e.toString(), e);
    } finally {
      inRun = false;
    }
    return exit == CpuExit.Stopped.INSTANCE ? null : owner.get().interpret(exit);
  }

  /** Asks a running CPU to pause; the observer hears of it. */
  void interrupt() {
    lock.lock();
    try {
      if (state != State.RUNNING) {
        return;
      }
      pauseWanted = true;
      work();
    } finally {
      lock.unlock();
    }
    engine.requestStop();
  }

  /**
   * Pauses the CPU, waits until it is, and returns why.
   *
   * @throws IllegalStateException when the CPU's own thread calls this while it runs
   */
  StopReason pause() {
    interrupt();
    lock.lock();
    try {
      if (isCurrent() && state == State.RUNNING) {
        throw new IllegalStateException("the CPU's own thread can't wait for the CPU to pause");
      }
      while (state == State.RUNNING) {
        stopped.awaitUninterruptibly();
      }
      return stop;
    } finally {
      lock.unlock();
    }
  }

  /** Whether the run that has just ended was a step. On the CPU's thread. */
  boolean isStepping() {
    return stepping;
  }

  /** Returns the sleep behind HLT. */
  CpuSleep sleep() {
    return sleep;
  }

  /** Makes a sleeping CPU look whether it is awake. From any thread. */
  void wake() {
    lock.lock();
    try {
      sleep.disturb();
      work();
    } finally {
      lock.unlock();
    }
  }

  /** Ends the thread and frees the engine; a run that this cuts short is reported as its end. */
  void close() {
    lock.lock();
    try {
      if (state != State.CLOSED) {
        state = State.CLOSED;
        stop = new StopReason.Exited(0);
        stopped.signalAll();
        work();
      }
    } finally {
      lock.unlock();
    }
    engine.requestStop();
    if (!isCurrent()) {
      boolean interrupted = false;
      while (thread.isAlive()) {
        try {
          thread.join();
        } catch (InterruptedException e) {
          interrupted = true;
        }
      }
      if (interrupted) {
        Thread.currentThread().interrupt();
      }
    }
  }

  private void live(Supplier<CpuEngine> factory, CompletableFuture<CpuEngine> created) {
    CpuEngine own;
    try {
      own = factory.get();
    } catch (RuntimeException | Error e) {
      created.completeExceptionally(e);
      return;
    }
    created.complete(own);
    try {
      while (serveTasks()) {
        runOnce(own);
      }
    } finally {
      abandonTasks();
      try {
        reportEnd();
      } finally {
        own.close();
      }
    }
  }

  /** Serves tasks until the CPU is to run (true) or the thread is to end (false). */
  private boolean serveTasks() {
    while (true) {
      FutureTask<?> task;
      boolean overdue;
      alertness.await();
      lock.lock();
      try {
        serving = false;
        overdue = awaitDue();
        task = overdue ? null : tasks.poll();
        if (task == null && !overdue) {
          return state == State.RUNNING;
        }
        serving = task != null;
      } finally {
        lock.unlock();
      }
      if (task != null) {
        task.run();
      } else {
        engine.requestStop();
      }
    }
  }

  /** Whether it isn't a task or a run that is due, but the end of one that is lent. */
  private boolean awaitDue() {
    boolean overdue = false;
    while (!overdue && (borrower != null || (tasks.isEmpty() && state == State.PAUSED))) {
      overdue = lentRuns.await(due);
    }
    return overdue;
  }

  private void runOnce(CpuEngine own) {
    ResumeKind how;
    Motion moving;
    boolean again;
    lock.lock();
    try {
      if (pauseWanted) {
        pauseAt(new StopReason.Interrupted());
        return;
      }
      how = kind;
      moving = motion;
      again = continuing;
      continuing = true;
    } finally {
      lock.unlock();
    }
    StopReason there = moving == null ? null : prepare(moving);
    if (there != null) {
      pauseAt(there);
      return;
    }
    stepping = how == ResumeKind.STEP;
    if (stepping) {
      // A step from a HLT, or over one, doesn't wait: a trap ends the halt.
      sleep.set(false);
    }
    if (sleep.isOn() && owner.get().sleepsForGood()) {
      if (moving == null || !moving.leavesHalts()) {
        pauseAt(new StopReason.Halted());
        return;
      }
      sleep.set(false);
    }
    if (sleep.isOn() && (!sleep.ends(owner.get()) || moving != null)) {
      return;
    }
    CpuExit exit;
    inRun = true;
    try {
      exit =
          moving != null
              ? moving.run(own)
              : stepping ? own.step() : again ? own.continueRun() : own.run();
    } catch (RuntimeException | Error e) {
      exit = new CpuExit.EngineFailed(e.toString(), e);
    } finally {
      inRun = false;
    }
    CpuOwner judge = owner.get();
    StopReason reason =
        moving != null ? moving.ended(exit, judge::interpret) : judge.interpret(exit);
    if (reason != null) {
      pauseAt(reason);
    }
  }

  /** A part that can't be taken back at the moment leaves the machine where it is. */
  private static @Nullable StopReason prepare(Motion moving) {
    try {
      return moving.prepare();
    } catch (SnapshotException e) {
      return new StopReason.Interrupted();
    }
  }

  private void pauseAt(StopReason reason) {
    Consumer<StopReason> observer;
    lock.lock();
    try {
      pauseWanted = false;
      continuing = false;
      if (state != State.RUNNING) {
        return;
      }
      observer = owner.get().observer();
      owesStop = false;
      state = State.PAUSED;
      stop = reason;
      stopped.signalAll();
      if (borrower == null) {
        alertness.stop();
      }
    } finally {
      lock.unlock();
    }
    report(observer, reason);
  }

  /** Reports the end to whoever waits for the stop of a run that was cut short. */
  private void reportEnd() {
    Consumer<StopReason> observer;
    lock.lock();
    try {
      if (!owesStop) {
        return;
      }
      owesStop = false;
      observer = owner.get().observer();
    } finally {
      lock.unlock();
    }
    report(observer, new StopReason.Exited(0));
  }

  /** An observer's failure is its own: the CPU stays usable. */
  private void report(Consumer<StopReason> observer, StopReason reason) {
    try {
      observer.accept(reason);
    } catch (RuntimeException e) {
      thread.getUncaughtExceptionHandler().uncaughtException(thread, e);
    }
  }

  private void abandonTasks() {
    lock.lock();
    try {
      if (state != State.CLOSED) {
        state = State.CLOSED;
        stop = new StopReason.Exited(0);
      }
      tasks.abandon();
      stopped.signalAll();
    } finally {
      lock.unlock();
    }
  }

  /** Whether a run must come to its end, with the lock held. */
  private boolean isCalled() {
    return !tasks.isEmpty() || state != State.RUNNING || pauseWanted;
  }

  /** Tells the thread that it has something to do, with the lock held. */
  private void work() {
    alertness.change();
    due.signalAll();
  }

  private void requireOpen() {
    if (state == State.CLOSED) {
      throw new IllegalStateException("the machine is closed");
    }
  }
}
