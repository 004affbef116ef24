package dev.kmemu.emulator.mmu;

import dev.kmemu.emulator.memory.PhysicalAddress;
import dev.kmemu.emulator.memory.PhysicalMemory;
import dev.kmemu.emulator.memory.VirtualAddress;
import org.jspecify.annotations.Nullable;

/**
 * Guest memory by linear address, as a debugger sees it: protection is ignored, and what isn't
 * mapped ends a transfer. A write leaves Accessed and Dirty behind, as the guest's own would; a
 * read leaves them as they are. Callable from any thread.
 */
public final class VirtualMemory {

  private final PhysicalMemory ram;
  private final PageWalker walker;

  /** Reads and writes {@code ram} through the page tables in it. */
  public VirtualMemory(PhysicalMemory ram) {
    this.ram = ram;
    this.walker = new PageWalker(ram);
  }

  /** Returns the walker that finds the pages. */
  public PageWalker walker() {
    return walker;
  }

  /**
   * Reads until {@code length} bytes are there or a page isn't.
   *
   * @return the bytes read, from the first one on
   */
  public int read(PagingMode mode, VirtualAddress from, byte[] target, int offset, int length) {
    int done = 0;
    while (done < length) {
      PhysicalAddress pa = address(walker.translate(mode, from.value() + done));
      int run = runLength(from.value() + done, length - done);
      if (pa == null || !ram.contains(pa, run)) {
        break;
      }
      ram.read(pa, target, offset + done, run);
      done += run;
    }
    return done;
  }

  /**
   * Writes until {@code length} bytes are gone or a page isn't there.
   *
   * @return the bytes written, from the first one on
   */
  public int write(PagingMode mode, VirtualAddress to, byte[] source, int offset, int length) {
    int done = 0;
    while (done < length) {
      PhysicalAddress pa = address(walker.translateForWrite(mode, to.value() + done));
      int run = runLength(to.value() + done, length - done);
      if (pa == null || !ram.contains(pa, run)) {
        break;
      }
      ram.write(pa, source, offset + done, run);
      done += run;
    }
    return done;
  }

  /** Says why {@code address} can't be read, in one line for a person. */
  public String explain(PagingMode mode, VirtualAddress address) {
    Translation translation = walker.walk(mode, address);
    String reason;
    if (translation instanceof Translation.NotMapped miss) {
      reason = miss.reason().toString();
    } else if (translation instanceof Translation.Mapped mapped) {
      reason = "physical address " + mapped.physical() + " isn't RAM";
    } else {
      throw new AssertionError(translation);
    }
    return String.format("%s: %s (cr3=0x%x)", address, reason, mode.cr3());
  }

  private static @Nullable PhysicalAddress address(long pa) {
    return pa == PageWalker.UNMAPPED ? null : new PhysicalAddress(pa);
  }

  private static int runLength(long va, int wanted) {
    int toPageEnd = VirtualAddress.PAGE_SIZE - new VirtualAddress(va).pageOffset();
    return Math.min(wanted, toPageEnd);
  }
}
