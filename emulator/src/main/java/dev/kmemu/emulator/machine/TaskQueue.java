package dev.kmemu.emulator.machine;

import dev.kmemu.emulator.cpu.CpuEngine;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.concurrent.CancellationException;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** What other threads have left for the CPU's to do. Whoever shares it locks it. */
final class TaskQueue {

  private final Deque<FutureTask<?>> tasks = new ArrayDeque<>();

  <T> FutureTask<T> add(CpuEngine engine, Function<CpuEngine, T> task) {
    FutureTask<T> future = new FutureTask<>(() -> task.apply(engine));
    tasks.add(future);
    return future;
  }

  boolean isEmpty() {
    return tasks.isEmpty();
  }

  @Nullable FutureTask<?> poll() {
    return tasks.poll();
  }

  /** Tells all who wait that nobody will do it. */
  void abandon() {
    tasks.forEach(task -> task.cancel(false));
    tasks.clear();
  }

  /** Waits for a task, and returns or throws what it did. */
  static <T> T join(FutureTask<T> future) {
    boolean interrupted = false;
    try {
      while (true) {
        try {
          return future.get();
        } catch (InterruptedException e) {
          interrupted = true;
        } catch (CancellationException e) {
          throw new IllegalStateException("the machine is closed", e);
        } catch (ExecutionException e) {
          if (e.getCause() instanceof RuntimeException cause) {
            throw cause;
          }
          if (e.getCause() instanceof Error cause) {
            throw cause;
          }
          throw new IllegalStateException(e.getCause());
        }
      }
    } finally {
      if (interrupted) {
        Thread.currentThread().interrupt();
      }
    }
  }
}
