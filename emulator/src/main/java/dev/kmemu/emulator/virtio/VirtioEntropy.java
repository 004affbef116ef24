package dev.kmemu.emulator.virtio;

import java.util.random.RandomGenerator;

/** A source of random numbers (Virtual I/O Device 1.2, 5.4). */
public final class VirtioEntropy implements VirtioFunction {

  private static final int TYPE = 4;
  private static final int PIECE = 4096;

  private final RandomGenerator random;
  private final byte[] piece = new byte[PIECE];

  /** Creates a device that hands out what {@code random} makes. */
  public VirtioEntropy(RandomGenerator random) {
    this.random = random;
  }

  @Override
  public int type() {
    return TYPE;
  }

  @Override
  public int queues() {
    return 1;
  }

  @Override
  public void notified(int index, Virtqueue queue) {
    for (Chain chain = queue.poll(); chain != null; chain = queue.poll()) {
      int count = (int) Math.min(PIECE, chain.writableBytes());
      random.nextBytes(piece);
      chain.write(0, piece, count);
      queue.push(chain, count);
    }
  }
}
