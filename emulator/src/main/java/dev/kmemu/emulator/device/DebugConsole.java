package dev.kmemu.emulator.device;

import java.util.function.IntConsumer;

/** Port 0xE9: each byte that is written is a character, as Bochs and QEMU have it. */
public final class DebugConsole implements PortDevice {

  /** The port. */
  public static final int PORT = 0xE9;

  private final IntConsumer output;

  /** Hands every byte, 0 to 255, to {@code output}. */
  public DebugConsole(IntConsumer output) {
    this.output = output;
  }

  /** Reads back the port's number, by which guests recognise the device. */
  @Override
  public int read(int port, int size) {
    return PORT;
  }

  @Override
  public boolean write(int port, int size, int value) {
    output.accept(value & 0xFF);
    return true;
  }
}
