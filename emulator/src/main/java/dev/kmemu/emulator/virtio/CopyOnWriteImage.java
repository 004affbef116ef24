package dev.kmemu.emulator.virtio;

import dev.kmemu.emulator.snapshot.Snapshotable;
import dev.kmemu.emulator.snapshot.StateReader;
import dev.kmemu.emulator.snapshot.StateWriter;
import java.io.IOException;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * A disk whose changes stay in memory, over one that isn't changed. The changes are part of
 * snapshots, and gone with the machine.
 */
public final class CopyOnWriteImage implements DiskImage, Snapshotable {

  private static final int BLOCK = 4096;

  private final String part;
  private final DiskImage original;
  private final long most;

  /** By number; a block in it is never written again, so that snapshots may share it. */
  private TreeMap<Long, byte[]> changed = new TreeMap<>();

  /**
   * Covers {@code original}.
   *
   * @param part its section of a snapshot, without "disk."
   * @param mostBytes how much may be changed, at least 4096
   */
  public CopyOnWriteImage(String part, DiskImage original, long mostBytes) {
    if (mostBytes < BLOCK) {
      throw new IllegalArgumentException(
          "changes of up to " + mostBytes + " bytes: must be 4096 or more");
    }
    this.part = "disk." + part;
    this.original = original;
    this.most = mostBytes / BLOCK;
  }

  @Override
  public String name() {
    return original.name();
  }

  @Override
  public long bytes() {
    return original.bytes();
  }

  @Override
  public boolean isReadOnly() {
    return false;
  }

  @Override
  public void read(long offset, byte[] target, int count) throws IOException {
    for (int done = 0; done < count; ) {
      long at = offset + done;
      int run = run(at, count - done);
      byte[] block = changed.get(at / BLOCK);
      if (block == null) {
        byte[] piece = new byte[run];
        original.read(at, piece, run);
        System.arraycopy(piece, 0, target, done, run);
      } else {
        System.arraycopy(block, (int) (at % BLOCK), target, done, run);
      }
      done += run;
    }
  }

  @Override
  public void write(long offset, byte[] source, int count) throws IOException {
    for (int done = 0; done < count; ) {
      long at = offset + done;
      int run = run(at, count - done);
      byte[] block = blockToWrite(at / BLOCK);
      System.arraycopy(source, done, block, (int) (at % BLOCK), run);
      changed.put(at / BLOCK, block);
      done += run;
    }
  }

  private byte[] blockToWrite(long number) throws IOException {
    byte[] block = changed.get(number);
    if (block != null) {
      return block.clone();
    }
    if (changed.size() == most) {
      throw new IOException(
          name() + ": " + most * BLOCK + " bytes of changes are kept in memory, and no more");
    }
    byte[] fresh = new byte[BLOCK];
    long start = number * BLOCK;
    original.read(start, fresh, (int) Math.min(BLOCK, bytes() - start));
    return fresh;
  }

  private static int run(long at, int wanted) {
    return (int) Math.min(wanted, BLOCK - at % BLOCK);
  }

  @Override
  public String snapshotName() {
    return part;
  }

  @Override
  public int snapshotVersion() {
    return 1;
  }

  @Override
  public Captured capture() {
    return new State(new TreeMap<>(changed));
  }

  @Override
  public Captured read(int version, StateReader in) {
    TreeMap<Long, byte[]> blocks = new TreeMap<>();
    int count = in.int32(0, (int) Math.min(most, Integer.MAX_VALUE));
    for (int i = 0; i < count; i++) {
      long number = in.int64();
      byte[] block = new byte[BLOCK];
      in.raw(block, 0, BLOCK);
      if (number < 0 || number > bytes() / BLOCK) {
        throw in.bad("a block behind the end of " + name());
      }
      blocks.put(number, block);
    }
    return new State(blocks);
  }

  private final class State implements Captured {

    private final SortedMap<Long, byte[]> blocks;

    State(SortedMap<Long, byte[]> blocks) {
      this.blocks = blocks;
    }

    @Override
    public void restore() {
      changed = new TreeMap<>(blocks);
    }

    @Override
    public void write(StateWriter out) {
      out.int32(blocks.size());
      for (Map.Entry<Long, byte[]> block : blocks.entrySet()) {
        out.int64(block.getKey());
        out.raw(block.getValue(), 0, BLOCK);
      }
    }
  }
}
