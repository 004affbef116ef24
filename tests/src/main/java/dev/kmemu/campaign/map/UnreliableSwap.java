package dev.kmemu.campaign.map;

import dev.kmemu.campaign.Failure;
import dev.kmemu.vm.kern.ThreadScheduler;
import dev.kmemu.vm.kern.VmArith;
import dev.kmemu.vm.pager.SwapSpace;
import java.io.IOException;
import java.util.Arrays;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** Swap on a disk that fails when it is told to, and that others may run during its I/O. */
final class UnreliableSwap implements SwapSpace {

  private static final int NEVER = -1;
  private static final byte GARBAGE = 0x5A;

  private final SwapSpace disk;
  private final ThreadScheduler scheduler;
  private int readsLeft = NEVER;
  private int writesLeft = NEVER;
  private long failedReads;
  private boolean peeking;

  UnreliableSwap(SwapSpace disk, ThreadScheduler scheduler) {
    this.disk = disk;
    this.scheduler = scheduler;
  }

  /** Has one read fail, once, after {@code others} that don't. */
  void failRead(int others) {
    readsLeft = others;
  }

  /** Has one write fail, once, after {@code others} that don't. */
  void failWrite(int others) {
    writesLeft = others;
  }

  /**
   * Does something that may fail because a page can't be read. If that happened, it must have said
   * so, and it must succeed when it is done once more.
   */
  @Nullable Failure retrying(Supplier<@Nullable Failure> operation) {
    long before = failedReads;
    Failure failure = operation.get();
    boolean wasTold = failure != null && !failure.actual().startsWith(MapAccesses.OK);
    return wasTold && failedReads != before ? operation.get() : failure;
  }

  /** Reads something of it. */
  @FunctionalInterface
  interface Reading {
    /** Returns what was read. */
    byte @Nullable [] read() throws IOException;
  }

  /** Looks at what is in swap, which never fails and which nobody sees. */
  byte @Nullable [] peeking(Reading reading) throws IOException {
    peeking = true;
    try {
      return reading.read();
    } finally {
      peeking = false;
    }
  }

  @Override
  public int pages() {
    return disk.pages();
  }

  @Override
  public void read(int slot, byte[] page) throws IOException {
    if (peeking) {
      disk.read(slot, page);
      return;
    }
    scheduler.mayPreempt("swap read");
    if (readsLeft >= 0 && readsLeft-- == 0) {
      failedReads++;
      Arrays.fill(page, GARBAGE);
      throw new IOException("the disk can't read slot " + slot);
    }
    disk.read(slot, page);
  }

  @Override
  public void write(int slot, byte[] page) throws IOException {
    scheduler.mayPreempt("swap write");
    if (writesLeft >= 0 && writesLeft-- == 0) {
      byte[] garbage = new byte[(int) VmArith.PAGE_SIZE];
      Arrays.fill(garbage, GARBAGE);
      disk.write(slot, garbage);
      throw new IOException("the disk can't write slot " + slot);
    }
    disk.write(slot, page);
  }

  @Override
  public void close() {
    disk.close();
  }
}
