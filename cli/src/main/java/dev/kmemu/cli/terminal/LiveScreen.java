package dev.kmemu.cli.terminal;

import dev.kmemu.emulator.device.TextScreen;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;

/**
 * The guest's text screen on the terminal while the guest runs, with a line about the guest below
 * it. It has the terminal's second screen for itself, which is gone with {@link #close}, and also
 * when the program is ended by a signal that can be caught.
 */
public final class LiveScreen implements AutoCloseable {

  private static final long PERIOD_MILLIS = 50;
  private static final int STATUS_EVERY = 10;
  private static final String ENTER = "\033[?1049h\033[2J";
  private static final String LEAVE = "\033[0m\033[?25h\033[?1049l";
  private static final String STATUS = "\0337\033[" + (TextScreen.ROWS + 1) + ";1H\033[0m\033[2K";
  private static final String BACK = "\0338";

  private final PrintStream terminal;
  private final TextScreen screen;
  private final Supplier<String> status;
  private final ScreenPainter painter = new ScreenPainter();
  private final Thread writer = new Thread(this::write, "live screen");
  private final Thread leaving = new Thread(this::leave, "leave screen");
  private boolean left;

  private LiveScreen(PrintStream terminal, TextScreen screen, Supplier<String> status) {
    this.terminal = new PrintStream(terminal, false, StandardCharsets.UTF_8);
    this.screen = screen;
    this.status = status;
  }

  /** Begins; {@code status} is asked on a thread of the screen's own. */
  public static LiveScreen show(PrintStream terminal, TextScreen screen, Supplier<String> status) {
    LiveScreen live = new LiveScreen(terminal, screen, status);
    Runtime.getRuntime().addShutdownHook(live.leaving);
    live.send(ENTER);
    live.writer.setDaemon(true);
    live.writer.start();
    return live;
  }

  private void write() {
    try {
      for (int tick = 0; true; tick++) {
        String changes = painter.paint(screen);
        send(tick % STATUS_EVERY == 0 ? changes + STATUS + status.get() + BACK : changes);
        TimeUnit.MILLISECONDS.sleep(PERIOD_MILLIS);
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private synchronized void send(String text) {
    if (!left && !text.isEmpty()) {
      terminal.print(text);
      terminal.flush();
    }
  }

  private synchronized void leave() {
    send(LEAVE);
    left = true;
  }

  @Override
  public void close() {
    leave();
    writer.interrupt();
    try {
      Runtime.getRuntime().removeShutdownHook(leaving);
    } catch (IllegalStateException e) {
      // The program is ending: the hook finds nothing left to do.
    }
  }
}
