package dev.kmemu.vm.snapshot;

import dev.kmemu.emulator.snapshot.SnapshotException;
import dev.kmemu.emulator.snapshot.Snapshotable;
import dev.kmemu.emulator.snapshot.StateWriter;
import dev.kmemu.vm.KernelVm;
import dev.kmemu.vm.kern.KernelPanic;
import dev.kmemu.vm.kern.Numbering;
import dev.kmemu.vm.kern.StateExchange;
import dev.kmemu.vm.page.PageColumns;
import dev.kmemu.vm.page.PvEntry;
import dev.kmemu.vm.page.VmPage;
import dev.kmemu.vm.pager.SwapPager;
import dev.kmemu.vm.pmap.Pmap;
import java.io.IOException;
import org.jspecify.annotations.Nullable;

/**
 * The captured state of a kernel VM, without RAM. A restore gives every object that the VM had its
 * fields back, so that references to them stay good; what was made since is forgotten.
 */
final class KernelVmState implements Snapshotable.Captured {

  private final KernelVm vm;
  private final Inventory inventory;
  private final PageColumns pages;
  private final long[] values;
  private final byte[][] swap;
  private final @Nullable KernelPanic panic;

  KernelVmState(
      KernelVm vm,
      Inventory inventory,
      PageColumns pages,
      long[] values,
      byte[][] swap,
      @Nullable KernelPanic panic) {
    this.vm = vm;
    this.inventory = inventory;
    this.pages = pages;
    this.values = values;
    this.swap = swap;
    this.panic = panic;
  }

  /** Captures a VM at rest. */
  static KernelVmState capture(KernelVm vm) {
    Quiescence.require(vm);
    return locked(
        vm,
        () -> {
          Inventory inventory = Inventory.of(vm);
          Numbering<PvEntry> pvs = new Numbering<>("PV entry");
          inventory.pmaps.all().forEach(pmap -> pmap.numberPvs(pvs));
          PageColumns pages =
              PageColumns.of(inventory.pages, vm.queues(), inventory.objects::of, pvs::of);
          StateExchange state = StateExchange.saving();
          exchange(vm, inventory, state, pvs);
          return new KernelVmState(
              vm,
              inventory,
              pages,
              state.values(),
              swapContents(vm),
              vm.panics().first().orElse(null));
        });
  }

  KernelVm vm() {
    return vm;
  }

  Inventory inventory() {
    return inventory;
  }

  PageColumns pages() {
    return pages;
  }

  long[] values() {
    return values;
  }

  byte[][] swap() {
    return swap;
  }

  @Nullable KernelPanic panic() {
    return panic;
  }

  @Override
  public void requireRestorable() {
    Quiescence.require(vm);
  }

  @Override
  public void restore() {
    requireRestorable();
    locked(
        vm,
        () -> {
          Numbering<PvEntry> pvs = new Numbering<>("PV entry");
          VmPage[] allPages = inventory.pageArray();
          PageColumns.dropPvs(allPages);
          dropPvs();
          exchange(vm, inventory, StateExchange.restoring(values), pvs);
          pages.restore(
              allPages, vm.queues(), inventory.objects::get, pvs.all().toArray(new PvEntry[0]));
          vm.maps().restore(inventory.maps);
          restoreSwap();
          vm.panics().restore(panic);
          return pages;
        });
  }

  private void dropPvs() {
    vm.pmap().dropPvs();
    vm.userPmaps().live().forEach(Pmap::dropPvs);
    inventory.pmaps.all().forEach(Pmap::dropPvs);
  }

  @Override
  public void write(StateWriter out) {
    StateFormat.write(this, out);
  }

  /** Exchanges everything but pages and contents: the one place that knows the order. */
  private static void exchange(
      KernelVm vm, Inventory inventory, StateExchange state, Numbering<PvEntry> pvs) {
    vm.stats().exchange(state);
    vm.shortage().exchange(state);
    vm.paging().reclaim().exchange(state);
    vm.paging().pageout().exchange(state);
    vm.objects().exchange(state);
    vm.growth().exchange(state);
    vm.pmap().mappings().exchange(state);
    for (int i = 0; i < inventory.objects.size(); i++) {
      inventory
          .objects
          .get(i)
          .exchange(state, inventory.objects, inventory.pages, inventory.pagers, inventory.handles);
    }
    SwapPager swap = vm.paging().pagers().swap();
    if (swap != null) {
      swap.exchange(state, inventory.objects);
    }
    for (int i = 0; i < inventory.pmaps.size(); i++) {
      inventory.pmaps.get(i).exchange(state, pvs);
    }
    vm.userPmaps().exchange(state, inventory.pmaps);
    vm.currentPmap().exchange(state, inventory.pmaps);
    for (int i = 0; i < inventory.maps.size(); i++) {
      inventory
          .maps
          .get(i)
          .exchange(state, inventory.entries, inventory.objects, inventory.maps, inventory.spaces);
    }
    vm.spaces().exchange(state, inventory.spaces);
    vm.maps().reserve().exchange(state, inventory.entries);
    vm.trap().exchange(state, inventory.maps);
    vm.pmapModule().exchange(state);
  }

  private static byte[][] swapContents(KernelVm vm) {
    SwapPager swap = vm.paging().pagers().swap();
    try {
      return swap == null ? new byte[0][] : swap.contents();
    } catch (IOException e) {
      throw new SnapshotException("swap can't be read: " + e + ": see to its file", e);
    }
  }

  private void restoreSwap() {
    SwapPager pager = vm.paging().pagers().swap();
    if (pager != null) {
      try {
        pager.restoreContents(swap);
      } catch (IOException e) {
        throw new SnapshotException("swap can't be written: " + e + ": see to its file", e);
      }
    }
  }

  private static <T> T locked(KernelVm vm, java.util.function.Supplier<T> task) {
    vm.tokens().vm().get();
    vm.tokens().vmobj().get();
    try {
      return task.get();
    } finally {
      vm.tokens().vmobj().release();
      vm.tokens().vm().release();
    }
  }
}
