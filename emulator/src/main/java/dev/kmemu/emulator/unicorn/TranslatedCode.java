package dev.kmemu.emulator.unicorn;

import static dev.kmemu.emulator.unicorn.UnicornLibrary.check;

import com.sun.jna.Native;
import com.sun.jna.NativeLibrary;
import dev.kmemu.emulator.memory.PageRuns;
import dev.kmemu.emulator.memory.PhysicalMemory;
import java.util.Map;

/**
 * Drops translated code by physical address. The header offers virtual ones only, which say nothing
 * of code that isn't mapped at the moment; the library exports the function that its own stores
 * use, with the same arguments in all releases up to {@link #NEWEST_KNOWN}. Elsewhere everything is
 * dropped in the library's own way.
 */
final class TranslatedCode {

  private static final UnicornVersion NEWEST_KNOWN = new UnicornVersion(2, 1, 4);
  private static final int UC_CTL_TB_FLUSH = 0x4000000a;
  private static final long BLOCK_ALIGNMENT = 1 << 18;
  private static final long MOST_RUNS = 1 << 14;

  private static volatile boolean byRange;

  private TranslatedCode() {}

  /**
   * {@code void tb_invalidate_phys_range(struct uc_struct *, ram_addr_t start, ram_addr_t end)}.
   * RAM up to its hole is the engine's first block, so its addresses are the physical ones; what is
   * behind the hole follows at once.
   */
  private static native void tb_invalidate_phys_range_x86_64(long engine, long start, long end);

  /** Binds the function of the library at {@code path} if it can be trusted. */
  static void bind(String path, UnicornVersion version) {
    if (version.compareTo(NEWEST_KNOWN) <= 0) {
      try {
        Native.register(TranslatedCode.class, NativeLibrary.getInstance(path, Map.of()));
        byRange = true;
      } catch (UnsatisfiedLinkError e) {
        byRange = false;
      }
    }
  }

  /**
   * Drops all code. Not while guest code runs. The library's own way clears the gigabyte that it
   * has set aside for translated code, which takes a second and stays in memory the first time.
   */
  static void dropAll(long engine, PhysicalMemory ram) {
    if (byRange) {
      tb_invalidate_phys_range_x86_64(engine, 0, ram.end());
    } else {
      check("dropping code", UnicornLibrary.uc_ctl(engine, UC_CTL_TB_FLUSH, 0, 0));
    }
  }

  /** Drops code of {@code pages}. Not while guest code runs. */
  static void drop(long engine, PhysicalMemory ram, PageRuns pages) {
    if (!byRange || pages.count() > MOST_RUNS) {
      dropAll(engine, ram);
      return;
    }
    for (int i = 0; i < pages.count(); i++) {
      long first = pages.first(i) * 4096;
      drop(engine, ram, first, pages.end(i) * 4096 - first);
    }
  }

  /** Drops code of {@code length} bytes at a physical address. Not while guest code runs. */
  static void drop(long engine, PhysicalMemory ram, long physical, long length) {
    if (!byRange) {
      dropAll(engine, ram);
      return;
    }
    long end = physical + length;
    if (physical < ram.holeStart()) {
      long last = Math.min(end, ram.holeStart());
      tb_invalidate_phys_range_x86_64(engine, physical, last);
    }
    if (end > ram.holeEnd()) {
      long first = Math.max(physical, ram.holeEnd());
      long shift = ram.holeEnd() - secondBlock(ram);
      tb_invalidate_phys_range_x86_64(engine, first - shift, end - shift);
    }
  }

  private static long secondBlock(PhysicalMemory ram) {
    return (ram.holeStart() + BLOCK_ALIGNMENT - 1) & -BLOCK_ALIGNMENT;
  }
}
