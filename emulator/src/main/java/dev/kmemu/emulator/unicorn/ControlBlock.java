package dev.kmemu.emulator.unicorn;

import static dev.kmemu.emulator.unicorn.UnicornLibrary.check;

import dev.kmemu.emulator.memory.HostMapping;
import dev.kmemu.emulator.memory.PhysicalAddress;
import dev.kmemu.emulator.memory.PhysicalMemory;

/**
 * The block in which the CPU looks up which MSRs are intercepted: all of them. It lies at a
 * physical address that no page-table entry can name.
 */
final class ControlBlock implements AutoCloseable {

  /** Above the CPU's 40 bits of physical addresses. */
  private static final long ADDRESS = 1L << 44;

  private static final int BYTES = 0x4000;
  private static final int MSR_PERMISSIONS = 0x48;
  private static final int PERMISSIONS_OFFSET = 0x1000;
  private static final int READ_ONLY = 1;

  private final PhysicalMemory memory;

  /** Maps the block for {@code engine}. */
  ControlBlock(long engine) {
    HostMapping mapping = new AnonymousMapping(BYTES);
    memory = new PhysicalMemory(mapping);
    for (int at = 0; at < BYTES; at += Long.BYTES) {
      memory.store64(new PhysicalAddress(at), -1L);
    }
    memory.store64(new PhysicalAddress(MSR_PERMISSIONS), ADDRESS + PERMISSIONS_OFFSET);
    check(
        "mapping the control block",
        UnicornLibrary.uc_mem_map_ptr(engine, ADDRESS, BYTES, READ_ONLY, mapping.hostAddress()));
  }

  long address() {
    return ADDRESS;
  }

  @Override
  public void close() {
    memory.close();
  }
}
