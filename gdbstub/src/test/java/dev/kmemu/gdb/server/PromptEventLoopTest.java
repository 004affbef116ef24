package dev.kmemu.gdb.server;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.channel.SelectStrategy;
import io.netty.channel.nio.NioIoHandler;
import io.netty.util.concurrent.DefaultThreadFactory;
import java.nio.channels.spi.SelectorProvider;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
class PromptEventLoopTest {

  /** Netty looks at the clock behind every 64th. */
  private static final int TASKS_BETWEEN_LOOKS = 64;

  private static final int TASKS = 1000;

  private final AtomicInteger looks = new AtomicInteger();

  @Test
  void socketsAreLookedAtWhileTasksFollowOneAnother() throws InterruptedException {
    SelectStrategy counting =
        (ready, hasTasks) -> {
          looks.incrementAndGet();
          return hasTasks ? ready.get() : SelectStrategy.SELECT;
        };
    PromptEventLoop loop =
        new PromptEventLoop(
            new DefaultThreadFactory("prompt", true),
            NioIoHandler.newFactory(SelectorProvider.provider(), () -> counting));
    CountDownLatch done = new CountDownLatch(TASKS);
    try {
      loop.execute(() -> workOn(loop, done));
      done.await();
      assertThat(looks.get()).isGreaterThanOrEqualTo(TASKS / TASKS_BETWEEN_LOOKS);
    } finally {
      loop.shutdownGracefully(0, 1, TimeUnit.SECONDS).awaitUninterruptibly();
    }
  }

  /** A task that takes its time, and leaves the next behind. */
  private static void workOn(PromptEventLoop loop, CountDownLatch done) {
    try {
      Thread.sleep(1);
    } catch (InterruptedException e) {
      throw new IllegalStateException(e);
    }
    done.countDown();
    if (done.getCount() > 0) {
      loop.execute(() -> workOn(loop, done));
    }
  }
}
