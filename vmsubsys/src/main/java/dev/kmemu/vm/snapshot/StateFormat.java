package dev.kmemu.vm.snapshot;

import dev.kmemu.emulator.memory.PhysicalAddress;
import dev.kmemu.emulator.snapshot.SnapshotException;
import dev.kmemu.emulator.snapshot.StateReader;
import dev.kmemu.emulator.snapshot.StateWriter;
import dev.kmemu.vm.KernelVm;
import dev.kmemu.vm.kern.KernelPanic;
import dev.kmemu.vm.kern.Numbering;
import dev.kmemu.vm.map.VmMap;
import dev.kmemu.vm.map.VmSpace;
import dev.kmemu.vm.object.VmObject;
import dev.kmemu.vm.page.PageColumns;
import dev.kmemu.vm.page.VmPage;
import dev.kmemu.vm.pager.SwapPager;
import dev.kmemu.vm.pmap.Pmap;
import dev.kmemu.vm.pmap.standard.StandardPmap;
import org.jspecify.annotations.Nullable;

/**
 * A kernel VM's state as bytes: what kind of VM it is of, what objects it consists of, and then
 * their values.
 */
final class StateFormat {

  static final int VERSION = 2;

  /** The first version that names the pmap; before there was one only. */
  private static final int PMAP_NAMED = 2;

  private StateFormat() {}

  /**
   * Writes a state.
   *
   * @throws SnapshotException when it has objects that only the program that made them knows
   */
  static void write(KernelVmState state, StateWriter out) {
    Inventory inventory = state.inventory();
    if (inventory.handles.size() > 0 || inventory.pagers.size() > inventory.ownPagers) {
      throw new SnapshotException(
          "the kernel VM has objects with handles or pagers that aren't its own: "
              + "keep the snapshot in memory");
    }
    for (long fact : facts(state.vm())) {
      out.int64(fact);
    }
    out.text(state.vm().pmapModule().name());
    writeObjects(inventory, out);
    writeColumns(state.pages(), out);
    out.longs(state.values());
    out.int32(state.swap().length);
    for (byte[] page : state.swap()) {
      out.raw(page, 0, page.length);
    }
    KernelPanic panic = state.panic();
    out.flag(panic != null);
    out.text(panic == null ? "" : String.valueOf(panic.getMessage()));
  }

  /** What must be the same in the VM that a state is read for. */
  private static long[] facts(KernelVm vm) {
    SwapPager swap = vm.paging().pagers().swap();
    return new long[] {
      vm.pages().size(),
      vm.boot().firstAvailable().value(),
      vm.pml4().value(),
      vm.maps().reserve().cpus(),
      vm.trap().history().length(),
      swap == null ? 0 : swap.pages()
    };
  }

  private static final String[] FACTS = {
    "pages",
    "the first available physical address",
    "the address of the root page table",
    "virtual CPUs",
    "faults kept",
    "pages of swap"
  };

  private static void writeObjects(Inventory inventory, StateWriter out) {
    out.int32(inventory.objects.size());
    for (VmObject object : inventory.objects.all()) {
      out.text(object.name());
      out.int32(object.pageColor());
    }
    out.int32(inventory.pages.size() - inventory.realPages);
    for (int i = inventory.realPages; i < inventory.pages.size(); i++) {
      out.int64(inventory.pages.get(i).physAddr());
    }
    out.int32(inventory.pmaps.size());
    for (int i = 1; i < inventory.pmaps.size(); i++) {
      Pmap pmap = inventory.pmaps.get(i);
      out.text(pmap.toString());
      out.int32(inventory.objects.of(pmap.tableObject()));
      out.int32(inventory.pages.of(pmap.rootPage()));
    }
    out.int32(inventory.maps.size());
    for (int i = 1; i < inventory.maps.size(); i++) {
      VmMap map = inventory.maps.get(i);
      out.text(map.name());
      out.int64(map.min());
      out.int64(map.max());
      out.int32(inventory.pmaps.of(map.pmap()));
    }
    out.int32(inventory.spaces.size());
    for (VmSpace space : inventory.spaces.all()) {
      out.int32(inventory.maps.of(space.map()));
    }
    out.int32(inventory.mappedEntries);
    out.int32(inventory.entries.size());
  }

  private static void writeColumns(PageColumns pages, StateWriter out) {
    pages.exchange(
        new PageColumns.Columns() {
          @Override
          public void ints(int[] values) {
            out.ints(values);
          }

          @Override
          public void longs(long[] values) {
            out.longs(values);
          }

          @Override
          public int[] anyInts(int[] values) {
            out.ints(values);
            return values;
          }
        });
  }

  /**
   * Reads and verifies a state for {@code vm}, which isn't changed.
   *
   * @throws SnapshotException when it isn't one of such a VM
   */
  static KernelVmState read(KernelVm vm, int version, StateReader in) {
    long[] here = facts(vm);
    for (int i = 0; i < here.length; i++) {
      long there = in.int64();
      if (there != here[i]) {
        throw new SnapshotException(
            String.format(
                "the kernel VM of the snapshot has %s 0x%x, this one 0x%x: boot one like it",
                FACTS[i], there, here[i]));
      }
    }
    String pmap = version < PMAP_NAMED ? StandardPmap.class.getName() : in.text();
    if (!pmap.equals(vm.pmapModule().name())) {
      throw new SnapshotException(
          String.format(
              "the kernel VM of the snapshot has the pmap %s, this one %s: boot one like it",
              pmap, vm.pmapModule().name()));
    }
    Inventory inventory = readObjects(vm, in);
    PageColumns pages = readColumns(inventory.pages.size(), in);
    long[] values = in.longs();
    int slots = in.int32(0, (int) here[5]);
    byte[][] swap = new byte[slots][4096];
    for (byte[] page : swap) {
      in.raw(page, 0, page.length);
    }
    boolean panicked = in.flag();
    String text = in.text();
    if (!pages.isConsistent(inventory.objects.size())) {
      throw in.bad("pages that refer to what isn't there");
    }
    @Nullable KernelPanic panic = panicked ? new KernelPanic(text) : null;
    return new KernelVmState(vm, inventory, pages, values, swap, panic);
  }

  private static Inventory readObjects(KernelVm vm, StateReader in) {
    Inventory inventory = new Inventory();
    int objects = in.int32(2, Integer.MAX_VALUE);
    for (int i = 0; i < objects; i++) {
      String name = in.text();
      int color = in.int32();
      inventory.objects.add(
          switch (i) {
            case 0 -> vm.objects().kernelObject();
            case 1 -> vm.growth().tableObject();
            default -> vm.objects().blank(name, color);
          });
    }
    for (int i = 0; i < vm.pages().size(); i++) {
      inventory.pages.add(vm.pages().get(i));
    }
    inventory.realPages = inventory.pages.size();
    for (int left = in.int32(0, Integer.MAX_VALUE); left > 0; left--) {
      inventory.pages.add(VmPage.fictitious(new PhysicalAddress(in.int64())));
    }
    int pmaps = in.int32(1, Integer.MAX_VALUE);
    inventory.pmaps.add(vm.pmap());
    for (int i = 1; i < pmaps; i++) {
      String name = in.text();
      VmObject tables = inventory.objects.get(in.int32(2, objects - 1));
      VmPage root = inventory.pages.get(in.int32(0, inventory.realPages - 1));
      inventory.pmaps.add(vm.userPmaps().blank(name, tables, root));
    }
    int maps = in.int32(1, Integer.MAX_VALUE);
    inventory.maps.add(vm.kernelMap());
    for (int i = 1; i < maps; i++) {
      String name = in.text();
      long min = in.int64();
      long max = in.int64();
      Pmap pmap = inventory.pmaps.get(in.int32(0, pmaps - 1));
      inventory.maps.add(vm.maps().blank(name, pmap, min, max));
    }
    for (int left = in.int32(0, maps); left > 0; left--) {
      VmMap map = inventory.maps.get(in.int32(1, maps - 1));
      inventory.spaces.add(vm.spaces().blank(map));
    }
    inventory.mappedEntries = in.int32(0, Integer.MAX_VALUE);
    int entries = in.int32(inventory.mappedEntries, Integer.MAX_VALUE);
    addBlanks(vm, inventory.entries, entries);
    vm.paging().pagers().number(inventory.pagers);
    inventory.ownPagers = inventory.pagers.size();
    return inventory;
  }

  private static void addBlanks(
      KernelVm vm, Numbering<dev.kmemu.vm.map.VmMapEntry> entries, int count) {
    for (int i = 0; i < count; i++) {
      entries.add(vm.maps().reserve().blank());
    }
  }

  private static PageColumns readColumns(int count, StateReader in) {
    PageColumns pages = new PageColumns(count);
    pages.exchange(
        new PageColumns.Columns() {
          @Override
          public void ints(int[] values) {
            int[] read = in.ints();
            requireLength(read.length, values.length);
            System.arraycopy(read, 0, values, 0, values.length);
          }

          @Override
          public void longs(long[] values) {
            long[] read = in.longs();
            requireLength(read.length, values.length);
            System.arraycopy(read, 0, values, 0, values.length);
          }

          @Override
          public int[] anyInts(int[] values) {
            return in.ints();
          }

          private void requireLength(int found, int expected) {
            if (found != expected) {
              throw in.bad(found + " values for " + expected + " pages");
            }
          }
        });
    return pages;
  }
}
