package dev.kmemu.emulator.virtio;

import java.util.List;
import java.util.function.Predicate;

/**
 * A chain of descriptors: bytes that the device reads, and behind them bytes that it writes
 * (Virtual I/O Device 1.2, 2.7.4).
 */
public final class Chain {

  private final int head;
  private final List<Buffer> readable;
  private final List<Buffer> writable;

  Chain(int head, List<Buffer> buffers) {
    this.head = head;
    this.readable = buffers.stream().filter(Predicate.not(Buffer::writable)).toList();
    this.writable = buffers.stream().filter(Buffer::writable).toList();
  }

  int head() {
    return head;
  }

  /** Returns how many bytes the device may read. */
  public long readableBytes() {
    return bytes(readable);
  }

  /** Returns how many bytes the device may write. */
  public long writableBytes() {
    return bytes(writable);
  }

  private static long bytes(List<Buffer> buffers) {
    return buffers.stream().mapToLong(Buffer::length).sum();
  }

  /**
   * Reads what the driver wrote.
   *
   * @throws VirtioException when the chain is shorter
   */
  public void read(long from, byte[] target, int count) {
    transfer(
        readable, from, count, (buffer, offset, at, run) -> buffer.read(offset, target, at, run));
  }

  /**
   * Writes what the driver is to read.
   *
   * @throws VirtioException when the chain is shorter
   */
  public void write(long from, byte[] source, int count) {
    transfer(
        writable, from, count, (buffer, offset, at, run) -> buffer.write(offset, source, at, run));
  }

  private interface Copy {
    void run(Buffer buffer, int offset, int at, int count);
  }

  private static void transfer(List<Buffer> buffers, long from, int count, Copy copy) {
    long skip = from;
    int done = 0;
    for (Buffer buffer : buffers) {
      if (skip >= buffer.length()) {
        skip -= buffer.length();
        continue;
      }
      int run = (int) Math.min(count - done, buffer.length() - skip);
      copy.run(buffer, (int) skip, done, run);
      done += run;
      skip = 0;
      if (done == count) {
        return;
      }
    }
    if (done < count) {
      throw new VirtioException("a chain has fewer bytes than its request needs");
    }
  }
}
