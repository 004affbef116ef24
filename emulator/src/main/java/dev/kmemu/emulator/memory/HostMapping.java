package dev.kmemu.emulator.memory;

import java.nio.ByteBuffer;
import java.util.List;

/**
 * Host memory behind guest RAM: a contiguous range of the process, seen by Java as direct buffers.
 *
 * <p>A mapping stays valid for as long as it is reachable, also after {@link #discard}; the
 * implementation unmaps it when it is unreachable, so a late access can't crash the JVM.
 */
public interface HostMapping {

  /** log2 of the size of every buffer of {@link #buffers()} but the last. */
  int BUFFER_SHIFT = 30;

  /** Returns the host address of the first byte. */
  long hostAddress();

  /** Returns the size in bytes. */
  long size();

  /** Returns the whole range in order, in pieces of 2^{@link #BUFFER_SHIFT} bytes. */
  List<ByteBuffer> buffers();

  /** Returns what captures the contents and puts them back: the same object at each call. */
  RamImaging imaging();

  /** Gives the memory's contents back to the host; what is read afterwards is undefined. */
  void discard();
}
