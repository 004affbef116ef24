package dev.kmemu.emulator.mmu;

import dev.kmemu.emulator.cpu.CpuState;
import dev.kmemu.emulator.cpu.TrapFrame;
import dev.kmemu.emulator.memory.PhysicalAddress;
import dev.kmemu.emulator.memory.PhysicalMemory;

/**
 * Reads and writes linear memory as the CPU does on its own account, for descriptor tables, task
 * states and the stacks of handlers: permissions are checked, A and D are set, a failure is a page
 * fault (Intel SDM vol. 3A, 4.6 and 4.7). Supervisor accesses are implicit ones, to which SMAP
 * applies whatever RFLAGS.AC says. Allocates nothing; not for several threads.
 */
public final class LinearAccess {

  private static final int PAGE_SHIFT = 12;
  private static final long PAGE_MASK = (1L << PAGE_SHIFT) - 1;
  private static final long LINEAR_32_BITS = 0xFFFF_FFFFL;
  private static final long PDPTE_TABLE = 0x000F_FFFF_FFFF_F000L;
  private static final long PSE36_HIGH = 0x1F_E000L;
  private static final int PSE36_SHIFT = 19;
  private static final long ALLOWED_ADDRESS =
      PageTableEntry.ADDRESS & ((1L << PagingMode.PHYSICAL_ADDRESS_BITS) - 1);
  private static final long FAULT = -1L;
  private static final long RETRY = -2L;

  private final PhysicalMemory ram;
  private long cr0;
  private long cr3;
  private long cr4;
  private long efer;
  private long value;
  private long faultAddress;
  private int errorCode;

  /** Accesses {@code ram} through the page tables in it. */
  public LinearAccess(PhysicalMemory ram) {
    this.ram = ram;
  }

  /** Turns to the address space that {@code cpu} is in. */
  public void enter(CpuState cpu) {
    cr0 = cpu.cr0();
    cr3 = cpu.cr3();
    cr4 = cpu.cr4();
    efer = cpu.efer();
  }

  /**
   * Reads 1, 2, 4 or 8 bytes into {@link #value}.
   *
   * @param user whether it is an access at CPL 3
   * @return false for a page fault: {@link #errorCode}, {@link #faultAddress}
   */
  public boolean read(long address, int size, boolean user) {
    if ((address & PAGE_MASK) + size > PAGE_MASK + 1) {
      return readBytes(address, size, user);
    }
    long at = translate(address, false, user);
    if (at == FAULT) {
      return false;
    }
    value = load(at, size);
    return true;
  }

  /** Writes 1, 2, 4 or 8 bytes; as {@link #read}. */
  public boolean write(long address, int size, long newValue, boolean user) {
    boolean crosses = (address & PAGE_MASK) + size > PAGE_MASK + 1;
    if (crosses && translate(address + size - 1, true, user) == FAULT) {
      return false;
    }
    long at = translate(address, true, user);
    if (at == FAULT) {
      return false;
    }
    if (!crosses) {
      store(at, size, newValue);
      return true;
    }
    for (int i = 0; i < size; i++) {
      store(translate(address + i, true, user), 1, newValue >>> (i * Byte.SIZE));
    }
    return true;
  }

  /** Returns what the last successful read read, zero-extended. */
  public long value() {
    return value;
  }

  /** Returns the error code of the last page fault. */
  public int errorCode() {
    return errorCode;
  }

  /** Returns the linear address of the last page fault. */
  public long faultAddress() {
    return faultAddress;
  }

  private boolean readBytes(long address, int size, boolean user) {
    long bytes = 0;
    for (int i = 0; i < size; i++) {
      long at = translate(address + i, false, user);
      if (at == FAULT) {
        return false;
      }
      bytes |= load(at, 1) << (i * Byte.SIZE);
    }
    value = bytes;
    return true;
  }

  /** Outside RAM there is the open bus: all ones, and writes are lost. */
  private long load(long at, int size) {
    if (!ram.contains(at, size)) {
      return -1L >>> (Long.SIZE - size * Byte.SIZE);
    }
    PhysicalAddress address = new PhysicalAddress(at);
    return switch (size) {
      case 1 -> ram.load8(address) & 0xFFL;
      case 2 -> (ram.load8(address) & 0xFFL) | (load(at + 1, 1) << Byte.SIZE);
      case 4 -> ram.load32(address) & LINEAR_32_BITS;
      default -> ram.load64(address);
    };
  }

  private void store(long at, int size, long newValue) {
    if (!ram.contains(at, size)) {
      return;
    }
    PhysicalAddress address = new PhysicalAddress(at);
    switch (size) {
      case 1 -> ram.store8(address, (int) newValue);
      case 2 -> {
        ram.store8(address, (int) newValue);
        store(at + 1, 1, newValue >>> Byte.SIZE);
      }
      case 4 -> ram.store32(address, (int) newValue);
      default -> ram.store64(address, newValue);
    }
  }

  private long translate(long address, boolean write, boolean user) {
    if ((cr0 & PagingMode.CR0_PG) == 0) {
      return address & LINEAR_32_BITS;
    }
    long at;
    do {
      if ((cr4 & PagingMode.CR4_PAE) == 0) {
        at = walkTwoLevels(address & LINEAR_32_BITS, write, user);
      } else if ((efer & PagingMode.EFER_LME) == 0) {
        at = walkPae(address & LINEAR_32_BITS, write, user);
      } else {
        at = walk(address, cr3 & ALLOWED_ADDRESS, 39, -1L, write, user);
      }
    } while (at == RETRY);
    return at;
  }

  private long walkPae(long address, boolean write, boolean user) {
    long pdpte = load((cr3 & ~0x1FL) + ((address >>> 30) & 3) * Long.BYTES, Long.BYTES);
    if (!PageTableEntry.isPresent(pdpte)) {
      return fault(address, 0, write, user);
    }
    return walk(address, pdpte & PDPTE_TABLE, 21, -1L, write, user);
  }

  private long walk(
      long address, long top, int topShift, long allowed, boolean write, boolean user) {
    long table = top;
    long every = allowed;
    for (int shift = topShift; ; shift -= 9) {
      long at = table + ((address >>> shift) & 0x1FF) * Long.BYTES;
      long entry = load(at, Long.BYTES);
      if (!PageTableEntry.isPresent(entry)) {
        return fault(address, 0, write, user);
      }
      boolean large = shift > PAGE_SHIFT && (entry & PageTableEntry.PAGE_SIZE) != 0;
      if (hasReservedBits(entry, shift, large)) {
        return fault(address, TrapFrame.PF_PRESENT | TrapFrame.PF_RESERVED, write, user);
      }
      every &= entry;
      if (shift == PAGE_SHIFT || large) {
        if (!isAllowed(every, write, user)) {
          return fault(address, TrapFrame.PF_PRESENT, write, user);
        }
        if (!mark(at, entry, write)) {
          return RETRY;
        }
        long offset = (1L << shift) - 1;
        return (entry & ALLOWED_ADDRESS & ~offset) | (address & offset);
      }
      if (!mark(at, entry, false)) {
        return RETRY;
      }
      table = entry & ALLOWED_ADDRESS;
    }
  }

  private long walkTwoLevels(long address, boolean write, boolean user) {
    long at = (cr3 & LINEAR_32_BITS & ~PAGE_MASK) + (address >>> 22) * Integer.BYTES;
    long directory = load(at, Integer.BYTES);
    if (!PageTableEntry.isPresent(directory)) {
      return fault(address, 0, write, user);
    }
    if ((directory & PageTableEntry.PAGE_SIZE) != 0 && (cr4 & PagingMode.CR4_PSE) != 0) {
      if (!isAllowed(directory, write, user)) {
        return fault(address, TrapFrame.PF_PRESENT, write, user);
      }
      mark32(at, directory, write);
      return (directory & 0xFFC0_0000L)
          | (directory & PSE36_HIGH) << PSE36_SHIFT
          | (address & 0x3F_FFFFL);
    }
    mark32(at, directory, false);
    at = (directory & ~PAGE_MASK) + ((address >>> PAGE_SHIFT) & 0x3FF) * Integer.BYTES;
    long entry = load(at, Integer.BYTES);
    if (!PageTableEntry.isPresent(entry)) {
      return fault(address, 0, write, user);
    }
    if (!isAllowed(directory & entry, write, user)) {
      return fault(address, TrapFrame.PF_PRESENT, write, user);
    }
    mark32(at, entry, write);
    return (entry & ~PAGE_MASK) | (address & PAGE_MASK);
  }

  private boolean hasReservedBits(long entry, int shift, boolean large) {
    long reserved = PageTableEntry.ADDRESS & ~ALLOWED_ADDRESS;
    if ((efer & PagingMode.EFER_NXE) == 0) {
      reserved |= PageTableEntry.NO_EXECUTE;
    }
    if (large) {
      reserved |=
          shift == 39
              ? PageTableEntry.PAGE_SIZE
              : ((1L << shift) - 1) & PageTableEntry.ADDRESS & ~PageTableEntry.PAT_LARGE;
    }
    return (entry & reserved) != 0;
  }

  private boolean isAllowed(long every, boolean write, boolean user) {
    boolean userPage = (every & PageTableEntry.USER) != 0;
    if (user ? !userPage : userPage && (cr4 & PagingMode.CR4_SMAP) != 0) {
      return false;
    }
    return !write
        || (every & PageTableEntry.WRITABLE) != 0
        || (!user && (cr0 & PagingMode.CR0_WP) == 0);
  }

  private boolean mark(long at, long entry, boolean write) {
    long marked = entry | PageTableEntry.ACCESSED | (write ? PageTableEntry.DIRTY : 0);
    return marked == entry
        || !ram.contains(at, Long.BYTES)
        || ram.compareAndSet64(new PhysicalAddress(at), entry, marked);
  }

  private void mark32(long at, long entry, boolean write) {
    long marked = entry | PageTableEntry.ACCESSED | (write ? PageTableEntry.DIRTY : 0);
    if (marked != entry) {
      store(at, Integer.BYTES, marked);
    }
  }

  private long fault(long address, int cause, boolean write, boolean user) {
    faultAddress = address;
    errorCode = cause | (write ? TrapFrame.PF_WRITE : 0) | (user ? TrapFrame.PF_USER : 0);
    return FAULT;
  }
}
