package dev.kmemu.gdb;

import dev.kmemu.emulator.debug.MemoryTransfer;
import dev.kmemu.emulator.debug.PhysicalAccess;
import dev.kmemu.emulator.memory.PhysicalAddress;
import java.util.Arrays;

/** The RAM of a {@link ToyTarget}, by offset. Its lock is the target's. */
final class ToyRam implements PhysicalAccess {

  private static final byte NOP = (byte) 0x90;

  private final Object lock;
  private final byte[] bytes = new byte[ToyTarget.RAM_BYTES];

  ToyRam(Object lock) {
    this.lock = lock;
    Arrays.fill(bytes, NOP);
  }

  int at(long offset) {
    return offset < 0 || offset >= bytes.length ? 0 : bytes[(int) offset] & 0xff;
  }

  void put(long offset, int value) {
    if (offset >= 0 && offset < bytes.length) {
      bytes[(int) offset] = (byte) value;
    }
  }

  MemoryTransfer read(long offset, byte[] target, int at, int length) {
    int present = present(offset, length);
    if (present > 0) {
      System.arraycopy(bytes, (int) offset, target, at, present);
    }
    return transfer(present, length);
  }

  MemoryTransfer write(long offset, byte[] source, int at, int length) {
    int present = present(offset, length);
    if (present > 0) {
      System.arraycopy(source, at, bytes, (int) offset, present);
    }
    return transfer(present, length);
  }

  @Override
  public MemoryTransfer read(PhysicalAddress address, byte[] target, int offset, int length) {
    synchronized (lock) {
      return read(address.value(), target, offset, length);
    }
  }

  @Override
  public MemoryTransfer write(PhysicalAddress address, byte[] source, int offset, int length) {
    synchronized (lock) {
      return write(address.value(), source, offset, length);
    }
  }

  private static int present(long offset, int length) {
    return offset < 0 || offset >= ToyTarget.RAM_BYTES
        ? 0
        : (int) Math.min(length, ToyTarget.RAM_BYTES - offset);
  }

  private static MemoryTransfer transfer(int present, int length) {
    return present == length
        ? new MemoryTransfer.Complete(length)
        : new MemoryTransfer.Partial(present, "page not present");
  }
}
