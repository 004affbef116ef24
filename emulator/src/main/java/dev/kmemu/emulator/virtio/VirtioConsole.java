package dev.kmemu.emulator.virtio;

import java.util.ArrayDeque;
import java.util.Deque;
import java.util.function.IntConsumer;

/** A console with one port (Virtual I/O Device 1.2, 5.3). */
public final class VirtioConsole implements VirtioFunction {

  private static final int TYPE = 3;
  private static final int RECEIVE = 0;
  private static final int PIECE = 4096;
  private static final int TYPED_AHEAD = 4096;

  private final IntConsumer output;
  private final Deque<Integer> typed = new ArrayDeque<>();
  private final byte[] piece = new byte[PIECE];

  /** Creates a console; {@code output} takes each character, 0 to 255, on the CPU's thread. */
  public VirtioConsole(IntConsumer output) {
    this.output = output;
  }

  /**
   * Lets the guest read {@code character}, while the CPU executes nothing. What waits for the guest
   * isn't part of snapshots.
   *
   * @return false when it should be offered again later: there is no driver, or it doesn't read
   */
  public boolean type(VirtioMmio transport, int character) {
    return typed.size() < TYPED_AHEAD
        && transport.use(
            RECEIVE,
            queue -> {
              typed.add(character & 0xFF);
              deliver(queue);
            });
  }

  @Override
  public int type() {
    return TYPE;
  }

  @Override
  public int queues() {
    return 2;
  }

  @Override
  public void notified(int index, Virtqueue queue) {
    if (index == RECEIVE) {
      deliver(queue);
    } else {
      transmit(queue);
    }
  }

  private void deliver(Virtqueue queue) {
    while (!typed.isEmpty()) {
      Chain chain = queue.poll();
      if (chain == null) {
        return;
      }
      int count = (int) Math.min(Math.min(PIECE, chain.writableBytes()), typed.size());
      for (int i = 0; i < count; i++) {
        piece[i] = typed.remove().byteValue();
      }
      chain.write(0, piece, count);
      queue.push(chain, count);
    }
  }

  private void transmit(Virtqueue queue) {
    for (Chain chain = queue.poll(); chain != null; chain = queue.poll()) {
      long bytes = chain.readableBytes();
      for (long done = 0; done < bytes; ) {
        int run = (int) Math.min(PIECE, bytes - done);
        chain.read(done, piece, run);
        for (int i = 0; i < run; i++) {
          output.accept(piece[i] & 0xFF);
        }
        done += run;
      }
      queue.push(chain, 0);
    }
  }
}
