package dev.kmemu.emulator.unicorn;

import static dev.kmemu.emulator.unicorn.UnicornLibrary.check;

import com.sun.jna.Memory;
import com.sun.jna.Pointer;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/** A context blob, read and patched by Java in place. */
final class UnicornContext implements AutoCloseable {

  private final long address;
  private final int size;
  private final ByteBuffer buffer;
  private boolean closed;

  UnicornContext(long engine) {
    try (Memory out = new Memory(Long.BYTES)) {
      check("uc_context_alloc", UnicornLibrary.uc_context_alloc(engine, Pointer.nativeValue(out)));
      address = out.getLong(0);
    }
    size = (int) UnicornLibrary.uc_context_size(engine);
    buffer = new Pointer(address).getByteBuffer(0, size).order(ByteOrder.LITTLE_ENDIAN);
  }

  long address() {
    return address;
  }

  int size() {
    return size;
  }

  ByteBuffer buffer() {
    return buffer;
  }

  @Override
  public void close() {
    if (!closed) {
      closed = true;
      UnicornLibrary.uc_context_free(address);
    }
  }
}
