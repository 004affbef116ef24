package dev.kmemu.boot;

import dev.kmemu.emulator.boot.BootImages;
import dev.kmemu.emulator.boot.BootRequest;
import dev.kmemu.emulator.machine.GuestOutcome;
import dev.kmemu.emulator.machine.RamSize;
import dev.kmemu.emulator.pc.PcMachine;
import dev.kmemu.emulator.pc.PcOptions;
import dev.kmemu.emulator.pc.Standstill;
import dev.kmemu.emulator.time.TimeMode;
import dev.kmemu.emulator.unicorn.UnicornLoader;
import java.nio.file.Path;
import java.util.OptionalLong;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/** A PC that has been given an image, and what it says on its serial port. */
final class BootedPc implements AutoCloseable {

  /** Far longer than any boot takes. */
  private static final long PATIENCE_SECONDS = 240;

  private final StringBuilder serial = new StringBuilder();
  private final PcMachine pc;

  BootedPc(Path image, String ram, TimeMode time, BootRequest request) {
    this(image, ram, PcOptions.standard().withTime(time), request);
  }

  BootedPc(Path image, String ram, PcOptions options, BootRequest request) {
    pc = new PcMachine(UnicornLoader.load(), RamSize.parse(ram), options.withSerial(this::say));
    pc.load(BootImages.read(image, null, OptionalLong.empty()), request);
  }

  PcMachine pc() {
    return pc;
  }

  private void say(int character) {
    synchronized (serial) {
      serial.append((char) character);
      serial.notifyAll();
    }
  }

  String serial() {
    synchronized (serial) {
      return serial.toString();
    }
  }

  /** Runs to the guest's end. */
  GuestOutcome run() {
    pc.machine().resume();
    try {
      return pc.machine().outcome().get(PATIENCE_SECONDS, TimeUnit.SECONDS);
    } catch (TimeoutException e) {
      pc.machine().pause();
      throw new AssertionError("the guest hangs: " + Standstill.of(pc) + "\n" + serial(), e);
    } catch (ExecutionException e) {
      throw new AssertionError(e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new AssertionError(e);
    }
  }

  /** Runs until the guest has said {@code text}, and pauses it. */
  void runUntil(String text) {
    pc.machine().resume();
    long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(PATIENCE_SECONDS);
    try {
      synchronized (serial) {
        while (serial.indexOf(text) < 0) {
          long left = TimeUnit.NANOSECONDS.toMillis(deadline - System.nanoTime());
          if (left <= 0) {
            throw new AssertionError("the guest never says " + text + ":\n" + serial);
          }
          serial.wait(left);
        }
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new AssertionError(e);
    }
    pc.machine().pause();
  }

  @Override
  public void close() {
    pc.close();
  }
}
