package dev.kmemu.cli;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.IOException;
import java.io.InputStream;
import java.time.Duration;
import java.util.function.BooleanSupplier;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** What a process has printed so far, read by a thread of its own so that no pipe fills up. */
final class Transcript {

  /** Far longer than anything takes: it only keeps a broken program from blocking the build. */
  static final Duration PATIENCE = Duration.ofSeconds(90);

  private final String what;
  private final StringBuilder text = new StringBuilder();
  private boolean ended;

  Transcript(String what, InputStream in) {
    this.what = what;
    Thread reader = new Thread(() -> read(in), "transcript of " + what);
    reader.setDaemon(true);
    reader.start();
  }

  synchronized String text() {
    return text.toString();
  }

  synchronized int length() {
    return text.length();
  }

  /** Waits until {@code pattern} is found behind {@code from}; fails with all that was printed. */
  synchronized Matcher await(Pattern pattern, int from) {
    waitUntil(() -> ended || pattern.matcher(text).find(from));
    Matcher matcher = pattern.matcher(text.toString());
    if (!matcher.find(from)) {
      throw new AssertionError(
          what + (ended ? " ended" : " is silent") + " without " + pattern + ":\n" + text);
    }
    return matcher;
  }

  /** Waits until the process has closed its output, and returns all of it. */
  synchronized String awaitEnd() {
    waitUntil(() -> ended);
    if (!ended) {
      throw new AssertionError(what + " doesn't end:\n" + text);
    }
    return text.toString();
  }

  private synchronized void waitUntil(BooleanSupplier condition) {
    long deadline = System.nanoTime() + PATIENCE.toNanos();
    long left = PATIENCE.toMillis();
    try {
      while (!condition.getAsBoolean() && left > 0) {
        wait(left);
        left = Duration.ofNanos(deadline - System.nanoTime()).toMillis();
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new AssertionError(what + ": the test was interrupted:\n" + text, e);
    }
  }

  private void read(InputStream in) {
    byte[] bytes = new byte[8192];
    try (in) {
      for (int count = in.read(bytes); count >= 0; count = in.read(bytes)) {
        append(new String(bytes, 0, count, UTF_8));
      }
    } catch (IOException e) {
      append("[" + e + "]");
    } finally {
      synchronized (this) {
        ended = true;
        notifyAll();
      }
    }
  }

  private synchronized void append(String more) {
    text.append(more);
    notifyAll();
  }
}
