package dev.kmemu.emulator.trap;

import dev.kmemu.emulator.cpu.TrapFrame;
import dev.kmemu.emulator.memory.PhysicalMemory;
import dev.kmemu.emulator.memory.VirtualAddress;
import dev.kmemu.emulator.mmu.PageWalker;
import dev.kmemu.emulator.mmu.PagingMode;

/**
 * Puts the error code of a page fault right where the engine's differs from the manual's: an
 * instruction that reads its operand, changes it and writes it back is one write to the CPU (Intel
 * SDM vol. 3A, 4.7: W/R is set when the access was a write), but the engine reads first and says
 * so. The guest's kernel would map the page for reading, and see a second fault.
 *
 * <p>Allocates nothing. One object for each CPU, on its thread.
 */
public final class PageFaultErrorCode {

  private static final int CAUSE_KNOWN = TrapFrame.PF_WRITE | TrapFrame.PF_FETCH;

  private final PhysicalMemory ram;
  private final PageWalker walker;
  private final byte[] code = new byte[ReadModifyWrite.MOST_BYTES];

  /** Reads code and page tables in {@code ram}. */
  public PageFaultErrorCode(PhysicalMemory ram) {
    this.ram = ram;
    this.walker = new PageWalker(ram);
  }

  /**
   * Returns the error code that the CPU would give.
   *
   * @param frame a page fault
   * @param mode how the CPU that raised it translates
   */
  public int of(TrapFrame frame, PagingMode mode) {
    int errorCode = frame.errorCode();
    if ((errorCode & CAUSE_KNOWN) != 0) {
      return errorCode;
    }
    long rip = frame.rip();
    if (Long.compareUnsigned(frame.faultAddress() - rip, ReadModifyWrite.MOST_BYTES) < 0) {
      return errorCode; // without XD and SMEP a fetch isn't marked as one
    }
    return ReadModifyWrite.is(code, fetch(rip, mode)) ? errorCode | TrapFrame.PF_WRITE : errorCode;
  }

  /** Reads the instruction, or what of it lies in pages that are there. */
  private int fetch(long rip, PagingMode mode) {
    int done = 0;
    while (done < code.length) {
      long pa = walker.translate(mode, rip + done);
      int inPage = VirtualAddress.PAGE_SIZE - (int) ((rip + done) & (VirtualAddress.PAGE_SIZE - 1));
      int run = Math.min(code.length - done, inPage);
      if (!ram.contains(pa, run)) {
        break;
      }
      ram.read(pa, code, done, run);
      done += run;
    }
    return done;
  }
}
