package dev.kmemu.cli.terminal;

import dev.kmemu.emulator.device.Uart16550;
import dev.kmemu.emulator.pc.PcConsole;
import java.util.concurrent.TimeUnit;

/** A device of the guest that receives characters at the guest's own pace. From any thread. */
public interface CharacterLine {

  /** Offers a character, 0 to 255; false when it should be offered again later. */
  boolean receive(int character);

  /** Waits until it makes sense to offer one again. */
  void awaitReady() throws InterruptedException;

  /** Returns a serial port as a line. */
  static CharacterLine of(Uart16550 uart) {
    return new CharacterLine() {
      @Override
      public boolean receive(int character) {
        return uart.receive(character);
      }

      @Override
      public void awaitReady() throws InterruptedException {
        uart.awaitReady();
      }
    };
  }

  /**
   * Returns a virtio console as a line; offering holds the CPU, so that it isn't done too often.
   */
  static CharacterLine of(PcConsole console) {
    return new CharacterLine() {
      private static final long PAUSE_MILLIS = 20;

      @Override
      public boolean receive(int character) {
        return console.type(character);
      }

      @Override
      public void awaitReady() throws InterruptedException {
        TimeUnit.MILLISECONDS.sleep(PAUSE_MILLIS);
      }
    };
  }
}
