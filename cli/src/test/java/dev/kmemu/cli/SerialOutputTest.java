package dev.kmemu.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.channels.AsynchronousCloseException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

/** The characters of the guest's devices, and those who take them or don't. */
class SerialOutputTest {

  private static CommandException complaint(IOException cause) {
    return CommandException.environment(cause.getMessage(), cause);
  }

  /** Nobody takes what is written here, until it is closed. */
  private static final class Stuck extends OutputStream {
    private final CountDownLatch begun = new CountDownLatch(1);
    private final CountDownLatch closed = new CountDownLatch(1);

    @Override
    public void write(int octet) throws IOException {
      begun.countDown();
      try {
        closed.await();
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
      }
      throw new AsynchronousCloseException();
    }

    @Override
    public void close() {
      closed.countDown();
    }
  }

  @Test
  void aCharacterThatNobodyTakesDoesNotOutliveTheOutput() throws Exception {
    Stuck stuck = new Stuck();
    SerialOutput output = new SerialOutput("--serial", stuck, SerialOutputTest::complaint);
    CompletableFuture<Void> guest = CompletableFuture.runAsync(() -> output.accept('A'));
    stuck.begun.await();

    assertThat(output.stop()).as("it wasn't taken").isTrue();
    guest.get(Transcript.PATIENCE.toSeconds(), TimeUnit.SECONDS);
    assertThat(output.failure()).as("the end is no failure").isNotDone();
  }

  @Test
  void whatComesBehindTheEndIsDropped() {
    ByteArrayOutputStream taken = new ByteArrayOutputStream();
    SerialOutput output = new SerialOutput("--serial", taken, SerialOutputTest::complaint);
    output.accept('A');

    assertThat(output.stop()).as("something wasn't taken").isFalse();
    output.accept('B');

    assertThat(taken).hasToString("A");
  }

  @Test
  void theFirstFailureIsToldAndNothingIsTriedAgain() {
    OutputStream full =
        new OutputStream() {
          private int count;

          @Override
          public void write(int octet) throws IOException {
            throw new IOException("failure " + ++count);
          }
        };
    SerialOutput output = new SerialOutput("--serial", full, SerialOutputTest::complaint);
    output.accept('A');
    output.accept('B');

    assertThat(output.failure())
        .isCompletedWithValueMatching(e -> "failure 1".equals(e.getMessage()));
  }
}
