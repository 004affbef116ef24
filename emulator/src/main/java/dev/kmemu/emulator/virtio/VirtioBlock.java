package dev.kmemu.emulator.virtio;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/** A disk (Virtual I/O Device 1.2, 5.2). */
public final class VirtioBlock implements VirtioFunction {

  private static final int TYPE = 2;
  private static final long READ_ONLY = 1L << 5;
  private static final long FLUSH = 1L << 9;

  private static final int HEADER = 16;
  private static final int IN = 0;
  private static final int OUT = 1;
  private static final int FLUSH_REQUEST = 4;
  private static final int GET_ID = 8;
  private static final int ID_BYTES = 20;

  private static final int OK = 0;
  private static final int IO_ERROR = 1;
  private static final int UNSUPPORTED = 2;

  private static final int PIECE = 64 << 10;

  private final DiskImage disk;
  private final byte[] piece = new byte[PIECE];

  /** Creates a disk; the bytes behind its last whole sector can't be reached. */
  public VirtioBlock(DiskImage disk) {
    this.disk = disk;
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
  public long features() {
    return disk.isReadOnly() ? READ_ONLY | FLUSH : FLUSH;
  }

  @Override
  public int config(int offset) {
    long sectors = disk.bytes() / DiskImage.SECTOR_BYTES;
    return offset < Long.BYTES ? (int) (sectors >>> (8 * offset)) & 0xFF : 0;
  }

  @Override
  public void notified(int index, Virtqueue queue) {
    for (Chain chain = queue.poll(); chain != null; chain = queue.poll()) {
      serve(queue, chain);
    }
  }

  private void serve(Virtqueue queue, Chain chain) {
    long room = chain.writableBytes() - 1;
    if (room < 0) {
      throw new VirtioException("a request to a disk has no room for its status");
    }
    chain.read(0, piece, HEADER);
    int request = (int) number(0, Integer.BYTES);
    long at = number(8, Long.BYTES);
    int status;
    long written = 0;
    try {
      switch (request) {
        case IN -> {
          requireNone(chain.readableBytes() - HEADER);
          read(chain, at, room);
          written = room;
          status = OK;
        }
        case OUT -> {
          requireNone(room);
          write(chain, at);
          status = OK;
        }
        case FLUSH_REQUEST -> status = OK;
        case GET_ID -> {
          written = Math.min(room, ID_BYTES);
          chain.write(0, id(), (int) written);
          status = OK;
        }
        default -> status = UNSUPPORTED;
      }
    } catch (IOException e) {
      status = IO_ERROR;
      written = 0;
    }
    chain.write(room, new byte[] {(byte) status}, 1);
    queue.push(chain, (int) Math.min(Integer.MAX_VALUE, written + 1));
  }

  private void read(Chain chain, long sector, long bytes) throws IOException {
    long at = offset(sector, bytes);
    for (long done = 0; done < bytes; ) {
      int run = (int) Math.min(PIECE, bytes - done);
      disk.read(at + done, piece, run);
      chain.write(done, piece, run);
      done += run;
    }
  }

  private void write(Chain chain, long sector) throws IOException {
    long bytes = chain.readableBytes() - HEADER;
    long at = offset(sector, bytes);
    for (long done = 0; done < bytes; ) {
      int run = (int) Math.min(PIECE, bytes - done);
      chain.read(HEADER + done, piece, run);
      disk.write(at + done, piece, run);
      done += run;
    }
  }

  /** Data that the device is to read must not be in buffers that it may only write, or reversed. */
  private static void requireNone(long misplaced) throws IOException {
    if (misplaced != 0) {
      throw new IOException("data in buffers of the wrong direction");
    }
  }

  private long offset(long sector, long bytes) throws IOException {
    long sectors = disk.bytes() / DiskImage.SECTOR_BYTES;
    if (bytes % DiskImage.SECTOR_BYTES != 0
        || sector < 0
        || sector > sectors - bytes / DiskImage.SECTOR_BYTES) {
      throw new IOException("sectors outside the disk");
    }
    return sector * DiskImage.SECTOR_BYTES;
  }

  private long number(int at, int bytes) {
    long value = 0;
    for (int i = bytes - 1; i >= 0; i--) {
      value = value << 8 | (piece[at + i] & 0xFF);
    }
    return value;
  }

  private byte[] id() {
    return Arrays.copyOf(disk.name().getBytes(StandardCharsets.US_ASCII), ID_BYTES);
  }
}
