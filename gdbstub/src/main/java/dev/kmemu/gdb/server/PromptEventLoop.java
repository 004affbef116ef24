package dev.kmemu.gdb.server;

import io.netty.channel.IoEventLoop;
import io.netty.channel.IoHandlerFactory;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.SingleThreadIoEventLoop;
import io.netty.util.concurrent.RejectedExecutionHandlers;
import java.util.concurrent.Executor;
import java.util.concurrent.ThreadFactory;

/**
 * One event loop that looks at its sockets every few milliseconds, whatever else it has to do. The
 * steps through a range follow one another as its tasks, and Netty's own loop hears of a debugger's
 * interrupt a second later.
 */
final class PromptEventLoop extends MultiThreadIoEventLoopGroup {

  private static final long TASK_MILLIS = 5;

  /** Starts the loop's thread at its first task. */
  PromptEventLoop(ThreadFactory threads, IoHandlerFactory sockets) {
    super(1, threads, sockets);
  }

  @Override
  protected IoEventLoop newChild(Executor executor, IoHandlerFactory sockets, Object... none) {
    return new SingleThreadIoEventLoop(
        this,
        executor,
        sockets,
        Integer.MAX_VALUE,
        RejectedExecutionHandlers.reject(),
        TASK_MILLIS);
  }
}
