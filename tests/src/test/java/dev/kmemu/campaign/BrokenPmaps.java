package dev.kmemu.campaign;

import dev.kmemu.emulator.cpu.TlbControl;
import dev.kmemu.emulator.memory.VirtualAddress;
import dev.kmemu.vm.kern.VmArith;
import dev.kmemu.vm.kern.VmProt;
import dev.kmemu.vm.page.VmPage;
import dev.kmemu.vm.pmap.ForwardingPmap;
import dev.kmemu.vm.pmap.KvaLayout;
import dev.kmemu.vm.pmap.PageTables;
import dev.kmemu.vm.pmap.Pmap;
import dev.kmemu.vm.pmap.PmapContext;
import dev.kmemu.vm.pmap.PmapModule;
import dev.kmemu.vm.pmap.PmapProvider;
import dev.kmemu.vm.pmap.PteBits;
import dev.kmemu.vm.pmap.standard.StandardPmap;

/** Pmaps with one bug each, which a campaign must find. */
public final class BrokenPmaps {

  private BrokenPmaps() {}

  /** Forgets to drop the translation of a single page. */
  public static final class MissedFlush implements PmapProvider {
    @Override
    public PmapModule create(PmapContext context) {
      TlbControl tlb = context.tlb();
      return new StandardPmap(
          context.withTlb(
              new TlbControl() {
                @Override
                public void invalidatePage(VirtualAddress address) {}

                @Override
                public void invalidateAll() {
                  tlb.invalidateAll();
                }
              }));
    }
  }

  /** Forgets M when it removes one page. */
  public static final class LostModified implements PmapProvider {
    @Override
    public PmapModule create(PmapContext context) {
      return new ForwardingPmap(new StandardPmap(context)) {
        @Override
        public void remove(Pmap pmap, long start, long end) {
          update(pmap, start, PteBits.M, 0);
          target().remove(pmap, start, end);
        }
      };
    }
  }

  /** Leaves the last page before a page table's end mapped. */
  public static final class OffByOneAtTableEnd implements PmapProvider {
    @Override
    public PmapModule create(PmapContext context) {
      return new ForwardingPmap(new StandardPmap(context)) {
        @Override
        public void remove(Pmap pmap, long start, long end) {
          long boundary = (start & -KvaLayout.NBPDR) + KvaLayout.NBPDR;
          if (VmArith.below(boundary, end)) {
            target().remove(pmap, start, boundary - VmArith.PAGE_SIZE);
            target().remove(pmap, boundary, end);
          } else {
            target().remove(pmap, start, end);
          }
        }
      };
    }
  }

  /** Removes wired mappings, too. */
  public static final class WiredRemoved implements PmapProvider {
    @Override
    public PmapModule create(PmapContext context) {
      return new ForwardingPmap(new StandardPmap(context)) {
        @Override
        public void removePages(Pmap pmap, long start, long end) {
          target().remove(pmap, start, end);
        }
      };
    }
  }

  /** Forbids execution of what can't be written. */
  public static final class StaleNoExecute implements PmapProvider {
    @Override
    public PmapModule create(PmapContext context) {
      return new ForwardingPmap(new StandardPmap(context)) {
        @Override
        public void enter(Pmap pmap, long va, VmPage page, int prot, boolean wired) {
          target().enter(pmap, va, page, prot, wired);
          if ((prot & VmProt.WRITE) == 0) {
            update(pmap, va, 0, PteBits.NX);
          }
        }
      };
    }
  }

  /** Leaves write access where a page is mapped three times or more. */
  public static final class ProtectsFewMappings implements PmapProvider {
    @Override
    public PmapModule create(PmapContext context) {
      return new ForwardingPmap(new StandardPmap(context)) {
        @Override
        public void pageProtect(VmPage page, int prot) {
          if (prot == VmProt.NONE || page.pvCount() < 3) {
            target().pageProtect(page, prot);
          }
        }
      };
    }
  }

  /** Counts a mapping as wired once more whenever its wiring is asked for. */
  public static final class WrongWiredCount implements PmapProvider {
    @Override
    public PmapModule create(PmapContext context) {
      return new ForwardingPmap(new StandardPmap(context)) {
        @Override
        public void changeWiring(Pmap pmap, long va, boolean wired) {
          target().changeWiring(pmap, va, wired);
          pmap.statistics().addWired(wired ? 1 : 0);
        }
      };
    }
  }

  private static void update(Pmap pmap, long va, long clear, long set) {
    PageTables tables = pmap.tables();
    long pde = tables.pde(va);
    if (PageTables.isTable(pde)) {
      long at = PageTables.pteAddress(pde, va);
      if ((tables.load(at) & PteBits.V) != 0) {
        tables.update(at, clear, set);
      }
    }
  }
}
