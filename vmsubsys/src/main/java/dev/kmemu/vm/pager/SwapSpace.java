package dev.kmemu.vm.pager;

import java.io.IOException;

/**
 * A store of pages, addressed by slot from 0. Which slots are in use is the swap pager's business.
 * Used by one thread at a time, under {@code vm_token}.
 */
public interface SwapSpace extends AutoCloseable {

  /** Returns the number of slots. */
  int pages();

  /** Reads a slot that was written before into {@code page}, 4096 bytes. */
  void read(int slot, byte[] page) throws IOException;

  /** Writes {@code page}, 4096 bytes, into a slot; after a failure the slot's contents are lost. */
  void write(int slot, byte[] page) throws IOException;

  /** Ends the store; later reads and writes fail. A second call does nothing. */
  @Override
  void close();
}
