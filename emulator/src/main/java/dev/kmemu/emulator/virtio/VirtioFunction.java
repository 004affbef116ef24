package dev.kmemu.emulator.virtio;

/**
 * What a virtio device does, behind whatever transport. All methods are called with the transport
 * locked, mostly on the CPU's thread.
 */
public interface VirtioFunction {

  /** Returns the device type (Virtual I/O Device 1.2, chapter 5). */
  int type();

  /** Returns the number of its queues. */
  int queues();

  /** Returns the features that it offers beside those of every device. */
  default long features() {
    return 0;
  }

  /** Returns a byte of its configuration; 0 behind the end. */
  default int config(int offset) {
    return 0;
  }

  /**
   * The driver has put something into a queue.
   *
   * @throws VirtioException when what it put there can't be
   */
  void notified(int index, Virtqueue queue);
}
