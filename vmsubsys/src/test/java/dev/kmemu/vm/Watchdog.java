package dev.kmemu.vm;

import dev.kmemu.vm.report.WaitReport;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.LongAdder;

/**
 * Runs threads in a kernel and fails when none of them gets on, saying who waits for whom. Threads
 * that are stuck for good don't keep the JVM from ending.
 */
final class Watchdog {

  static final Duration PATIENCE = Duration.ofSeconds(30);

  /** What a thread does; {@link #progress} tells that it gets on. */
  interface Task {
    void run() throws Exception;
  }

  private final KernelVm vm;
  private final Duration patience;
  private final LongAdder progress = new LongAdder();
  private final List<CompletableFuture<Void>> threads = new ArrayList<>();

  Watchdog(KernelVm vm, Duration patience) {
    this.vm = vm;
    this.patience = patience;
  }

  static Watchdog of(TestKernel kernel) {
    return new Watchdog(kernel.vm, PATIENCE);
  }

  /** Says that somebody has got on. */
  void progress() {
    progress.increment();
  }

  Watchdog start(String name, Task task) {
    CompletableFuture<Void> done = new CompletableFuture<>();
    Thread thread =
        new Thread(
            () -> {
              try {
                task.run();
                done.complete(null);
              } catch (Throwable t) {
                done.completeExceptionally(t);
              }
              progress();
            },
            name);
    thread.setDaemon(true);
    threads.add(done);
    thread.start();
    return this;
  }

  /** Waits for all threads; what the first of them threw is thrown. */
  void join() throws Exception {
    for (CompletableFuture<Void> thread : threads) {
      while (true) {
        long before = progress.sum();
        try {
          thread.get(patience.toNanos(), TimeUnit.NANOSECONDS);
          break;
        } catch (TimeoutException e) {
          failIfStuck(before);
        } catch (ExecutionException e) {
          throw new AssertionError(e.getCause() + "\n" + WaitReport.of(vm), e.getCause());
        }
      }
    }
  }

  private void failIfStuck(long before) {
    threads.stream()
        .filter(CompletableFuture::isCompletedExceptionally)
        .forEach(CompletableFuture::join);
    if (progress.sum() == before) {
      throw new AssertionError("nobody got on for " + patience + "\n" + WaitReport.of(vm));
    }
  }
}
