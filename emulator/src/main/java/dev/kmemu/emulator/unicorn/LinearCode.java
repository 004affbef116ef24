package dev.kmemu.emulator.unicorn;

import dev.kmemu.emulator.memory.PhysicalMemory;
import dev.kmemu.emulator.memory.VirtualAddress;
import dev.kmemu.emulator.mmu.PageWalker;
import dev.kmemu.emulator.mmu.PagingMode;

/**
 * Drops translated code by linear address.
 *
 * <p>The library's own way fetches from the address as the CPU would at this moment: where that
 * faults it drops nothing, and leaves a page fault behind. Here the page tables say where the
 * address leads, whoever may use it; and where it may have led elsewhere when code was translated,
 * all code is dropped.
 */
final class LinearCode {

  private static final long NOT_YET = -1;

  private final long engine;
  private final PhysicalMemory ram;
  private final UnicornState state;
  private final CurrentTables tables;
  private final AddressSpaceSwitches switches;
  private long cr3 = NOT_YET;
  private long switchesSeen;
  private boolean otherSpaces;

  LinearCode(long engine, PhysicalMemory ram, UnicornState state, AddressSpaceSwitches switches) {
    this.engine = engine;
    this.ram = ram;
    this.state = state;
    this.tables = new CurrentTables(state, ram);
    this.switches = switches;
    this.switchesSeen = switches.count();
  }

  /** Takes note of the address space in which code is going to be translated. */
  void beginRun() {
    long now = state.cr3();
    if (now != cr3) {
      otherSpaces |= cr3 != NOT_YET;
      cr3 = now;
    }
  }

  /** Drops the code of an instruction at {@code address}, in whatever address space it is. */
  void drop(long address) {
    long physical = tables.translate(address);
    if (physical == PageWalker.UNMAPPED || (mayLeadElsewhere() && !isKernels(address))) {
      dropAll();
    } else {
      TranslatedCode.drop(engine, ram, physical, 1);
    }
  }

  /** Drops the code of bytes in the address space of this moment. */
  void drop(VirtualAddress address, long length) {
    for (long done = 0; done < length; ) {
      long from = address.value() + done;
      long inPage =
          Math.min(
              length - done, VirtualAddress.PAGE_SIZE - (from & (VirtualAddress.PAGE_SIZE - 1)));
      long physical = tables.translate(from);
      if (physical != PageWalker.UNMAPPED) {
        TranslatedCode.drop(engine, ram, physical, inPage);
      }
      done += inPage;
    }
  }

  private boolean mayLeadElsewhere() {
    return otherSpaces
        || (cr3 != NOT_YET && state.cr3() != cr3)
        || !AddressSpaceSwitches.areCounted()
        || switches.count() != switchesSeen;
  }

  /** Kernels of 64 bits have the upper half, and the same one in all address spaces. */
  private boolean isKernels(long address) {
    return tables.kind() == PagingMode.Kind.FOUR_LEVEL && address < 0;
  }

  private void dropAll() {
    TranslatedCode.dropAll(engine, ram);
    cr3 = NOT_YET;
    otherSpaces = false;
    switchesSeen = switches.count();
  }
}
