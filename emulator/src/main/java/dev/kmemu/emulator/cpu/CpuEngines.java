package dev.kmemu.emulator.cpu;

import dev.kmemu.emulator.memory.HostMapping;
import dev.kmemu.emulator.memory.PhysicalMemory;
import org.jspecify.annotations.Nullable;

/**
 * An emulator of CPUs, ready to make some: all that a machine knows of it. Another one is added by
 * a package that implements this and {@link CpuEngine}. Callable from any thread.
 */
public interface CpuEngines {

  /**
   * Returns zeroed memory of the host that a CPU can use as its RAM, committed when it is touched.
   *
   * @param bytes a multiple of 4096
   * @throws RuntimeException when the host doesn't have it
   */
  HostMapping allocate(long bytes);

  /**
   * Creates a CPU over {@code ram}, which the calling thread will own. It is in 64-bit mode with
   * paging off; physical addresses that aren't RAM read as all ones.
   *
   * @param profile hears of each exit, if there is one
   * @throws RuntimeException when the host or the library can't
   */
  CpuEngine createCpu(PhysicalMemory ram, @Nullable ExitProfile profile);
}
