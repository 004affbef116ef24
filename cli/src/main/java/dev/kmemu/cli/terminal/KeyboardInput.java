package dev.kmemu.cli.terminal;

import dev.kmemu.emulator.pc.Keystroke;
import dev.kmemu.emulator.pc.PcKeyboard;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.TimeUnit;

/** Leads what is typed at a terminal to a PC's keyboard; keys that the guest doesn't take wait. */
public final class KeyboardInput implements AutoCloseable {

  private static final int TYPED_AHEAD = 64;
  private static final long PAUSE_MILLIS = 20;

  private final BlockingQueue<Keystroke> typed = new ArrayBlockingQueue<>(TYPED_AHEAD);
  private final InputStream in;
  private final PcKeyboard keyboard;
  private final Thread reader = new Thread(this::read, "keyboard input");
  private final Thread feeder = new Thread(this::feed, "keyboard");

  /** Begins. */
  public KeyboardInput(InputStream in, PcKeyboard keyboard) {
    this.in = in;
    this.keyboard = keyboard;
    reader.setDaemon(true);
    reader.start();
    feeder.setDaemon(true);
    feeder.start();
  }

  private void read() {
    byte[] bytes = new byte[1024];
    try {
      for (int count = in.read(bytes); count >= 0; count = in.read(bytes)) {
        UsKeys.of(new String(bytes, 0, count, StandardCharsets.ISO_8859_1)).forEach(typed::offer);
      }
    } catch (IOException e) {
      // A terminal that has gone away: there are no more keys.
    }
  }

  private void feed() {
    try {
      while (true) {
        Keystroke stroke = typed.take();
        while (!keyboard.press(stroke)) {
          TimeUnit.MILLISECONDS.sleep(PAUSE_MILLIS);
        }
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    } catch (IllegalStateException e) {
      // The machine is closed.
    }
  }

  /** Presses no more keys. */
  @Override
  public void close() {
    feeder.interrupt();
    reader.interrupt();
  }
}
