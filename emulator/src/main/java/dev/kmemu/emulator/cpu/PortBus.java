package dev.kmemu.emulator.cpu;

/** The I/O port space, called on the CPU's thread while an {@code in} or {@code out} executes. */
public interface PortBus {

  /**
   * Answers {@code in}.
   *
   * @param port 0 to 65535
   * @param size 1, 2 or 4 bytes
   * @return the value in its low bytes
   */
  int read(int port, int size);

  /**
   * Takes {@code out}.
   *
   * @param port 0 to 65535
   * @param size 1, 2 or 4 bytes
   * @param value the value in its low bytes
   * @return whether the CPU runs on; if not, the run ends with {@link CpuExit.HandlerEnded} no
   *     later than at the end of the basic block
   */
  boolean write(int port, int size, int value);
}
