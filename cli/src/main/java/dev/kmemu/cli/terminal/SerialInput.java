package dev.kmemu.cli.terminal;

import java.io.IOException;
import java.io.InputStream;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;

/**
 * Leads what comes in to a serial port or console, at the pace of the guest. The end of the input
 * is nothing special: the line stays connected.
 */
public final class SerialInput {

  private static final int TYPED_AHEAD = 4096;

  private final BlockingQueue<Integer> typed = new ArrayBlockingQueue<>(TYPED_AHEAD);
  private final InputStream in;
  private final CharacterLine line;
  private final Thread reader;
  private final Thread feeder;

  /**
   * Begins.
   *
   * @param keys whether the input is a terminal in raw mode, where {@link EscapeKeys} are heeded
   *     and keys that nobody takes are dropped in the end
   * @param quit called for Ctrl-A x
   */
  public SerialInput(InputStream in, CharacterLine line, boolean keys, Runnable quit) {
    this.in = in;
    this.line = line;
    reader = new Thread(() -> read(keys ? new EscapeKeys(typed::offer, quit)::accept : this::put));
    feeder = new Thread(this::feed);
    start(reader, "serial input");
    start(feeder, "serial line");
  }

  private static void start(Thread thread, String name) {
    thread.setName(name);
    thread.setDaemon(true);
    thread.start();
  }

  private interface Sink {
    void accept(int octet) throws InterruptedException;
  }

  private void put(int octet) throws InterruptedException {
    typed.put(octet);
  }

  private void read(Sink sink) {
    byte[] bytes = new byte[1024];
    try {
      for (int count = in.read(bytes); count >= 0; count = in.read(bytes)) {
        for (int i = 0; i < count; i++) {
          sink.accept(bytes[i] & 0xFF);
        }
      }
    } catch (IOException e) {
      // A terminal that has gone away: there is no more input.
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private void feed() {
    try {
      while (true) {
        int octet = typed.take();
        while (!line.receive(octet)) {
          line.awaitReady();
        }
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  /** Stops feeding the port. */
  public void stop() {
    feeder.interrupt();
    reader.interrupt();
  }
}
