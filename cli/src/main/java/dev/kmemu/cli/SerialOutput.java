package dev.kmemu.cli;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.channels.ClosedChannelException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;
import java.util.function.IntConsumer;

/**
 * What one of the guest's devices transmits. Characters arrive on the CPU's thread, which waits
 * while nobody takes them; everything else may be called from any thread.
 */
final class SerialOutput implements IntConsumer {

  private static final long PATIENCE_MILLIS = 500;

  private final String name;
  private final OutputStream out;
  private final Function<IOException, CommandException> complaint;
  private final CompletableFuture<CommandException> failure = new CompletableFuture<>();
  private volatile boolean writing;
  private volatile boolean over;

  /**
   * Begins.
   *
   * @param name the option or device, for a person
   * @param out closing it ends a write that waits
   * @param complaint says what it means that it can't be written
   */
  SerialOutput(String name, OutputStream out, Function<IOException, CommandException> complaint) {
    this.name = name;
    this.out = out;
    this.complaint = complaint;
  }

  @Override
  public void accept(int character) {
    writing = true;
    try {
      if (!over) {
        out.write(character);
      }
    } catch (ClosedChannelException e) {
      // The end didn't wait for this character.
    } catch (IOException e) {
      over = true;
      failure.complete(complaint.apply(e));
    } finally {
      writing = false;
    }
  }

  String name() {
    return name;
  }

  /** Completes when a character couldn't be written, with what is to be said of it. */
  CompletableFuture<CommandException> failure() {
    return failure;
  }

  /**
   * Takes no character any more. One that waits to be taken has half a second left, so that the
   * CPU's thread is free afterwards.
   *
   * @return whether it wasn't taken
   */
  boolean stop() {
    over = true;
    long until = System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(PATIENCE_MILLIS);
    while (writing && System.nanoTime() < until) {
      pause();
    }
    if (!writing) {
      return false;
    }
    try {
      close();
    } catch (IOException e) {
      // What can't be written can't be closed, either; the write has ended all the same.
    }
    return true;
  }

  void close() throws IOException {
    out.close();
  }

  private static void pause() {
    try {
      TimeUnit.MILLISECONDS.sleep(1);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
