package dev.kmemu.vm.space;

import static org.assertj.core.api.Assertions.assertThat;

import dev.kmemu.vm.KernelVm;
import dev.kmemu.vm.kern.VmCounter;
import dev.kmemu.vm.kern.VmProt;
import dev.kmemu.vm.map.Inheritance;
import dev.kmemu.vm.page.PageFlags;
import dev.kmemu.vm.page.VmPage;
import dev.kmemu.vm.pager.SwapPager;
import java.util.ArrayList;
import java.util.List;

/** A few user address spaces beside their models. */
public final class SpaceStage {

  static final int PAGES = 6;
  static final int MOST_SPACES = 4;

  private static final int RW = VmProt.READ | VmProt.WRITE;

  /** A page that was used as much as counts is written out after so many scans. */
  private static final int SCANS = 12;

  private final KernelVm vm;
  private final List<ModelledSpace> spaces = new ArrayList<>();
  private final List<Long> before;
  private long stamp;

  /**
   * Starts with one empty space.
   *
   * @param vm a VM without user spaces
   */
  public SpaceStage(KernelVm vm) {
    this.vm = vm;
    before = counters();
    spaces.add(ModelledSpace.create(vm, PAGES));
  }

  /** Returns the spaces there are. */
  public List<ModelledSpace> spaces() {
    return spaces;
  }

  /** Does one operation, and fails where the VM isn't as the model says. */
  public void apply(SpaceStep step) {
    int index = step.space() % spaces.size();
    ModelledSpace space = spaces.get(index);
    int from = step.page();
    int to = Math.min(from + step.count(), PAGES);
    switch (step.kind()) {
      case LOAD -> space.load(from);
      case STORE -> space.store(from, ++stamp);
      case MAP -> space.map(from, to, RW);
      case MAP_FOR_READING -> space.map(from, to, VmProt.READ);
      case UNMAP -> space.unmap(from, to);
      case PROTECT_NOTHING -> space.protect(from, to, VmProt.NONE);
      case PROTECT_READ -> space.protect(from, to, VmProt.READ);
      case PROTECT_ALL -> space.protect(from, to, VmProt.ALL);
      case INHERIT_SHARE -> space.inherit(from, to, Inheritance.SHARE);
      case INHERIT_COPY -> inheritCopies(space, from, to);
      case INHERIT_NONE -> space.inherit(from, to, Inheritance.NONE);
      case LOCK -> lock(space, from, to);
      case UNLOCK -> space.unlock(from, to);
      case WIRE -> wire(space, from, to);
      case FORK -> fork(space, false);
      case UNSHARE -> fork(space, true);
      case EXEC -> spaces.set(index, space.exec());
      case EXIT -> exit(index);
      case PAGE_OUT -> pageOut();
    }
  }

  private static void inheritCopies(ModelledSpace space, int from, int to) {
    for (int i = from; i < to; i++) {
      ModelPage page = space.page(i);
      if (page == null || !page.isShared()) {
        space.inherit(i, i + 1, Inheritance.COPY);
      }
    }
  }

  private static void lock(ModelledSpace space, int from, int to) {
    for (int i = from; i < to; i++) {
      ModelPage page = space.page(i);
      if (page != null && page.protection() == VmProt.NONE) {
        return;
      }
    }
    space.lock(from, to);
  }

  private static void wire(ModelledSpace space, int from, int to) {
    for (int i = from; i < to; i++) {
      ModelPage page = space.page(i);
      if (page == null || !page.isWriteable()) {
        return;
      }
    }
    space.wired(from, to, () -> space.load(from));
  }

  private void fork(ModelledSpace space, boolean unshare) {
    if (spaces.size() < MOST_SPACES) {
      spaces.add(unshare ? space.unshare() : space.fork());
    }
  }

  private void exit(int index) {
    if (spaces.size() > 1) {
      spaces.remove(index).free();
    }
  }

  /** Makes memory short, long after anything was used: all that can goes to swap. */
  public void pageOut() {
    vm.tokens().vm().get();
    try {
      for (int i = 0; i < SCANS; i++) {
        for (int p = 0; p < vm.pages().size(); p++) {
          VmPage page = vm.pages().get(p);
          vm.pmap().mappings().clearReference(page);
          page.clearFlag(PageFlags.REFERENCED);
        }
        vm.stats().set(VmCounter.PAGEOUT_DEFICIT, PAGES * MOST_SPACES);
        vm.paging().pageout().run();
      }
      for (VmPage p = vm.queues().findCached(0); p != null; p = vm.queues().findCached(0)) {
        vm.paging().reclaim().discard(p);
      }
    } finally {
      vm.tokens().vm().release();
    }
  }

  /** Fails unless the VM is whole in itself. */
  public void verify() {
    assertThat(vm.check()).as("broken invariants").isEmpty();
  }

  /** Looks at every page of every space. */
  public void loadAll() {
    for (ModelledSpace space : spaces) {
      for (int page = 0; page < PAGES; page++) {
        space.load(page);
      }
    }
  }

  /** Ends all spaces; then nothing may be left of them. */
  public void end() {
    spaces.forEach(ModelledSpace::free);
    spaces.clear();
    verify();
    assertThat(counters()).as("usable pages, wired pages, objects, swap").isEqualTo(before);
  }

  private List<Long> counters() {
    vm.tokens().vm().get();
    try {
      SwapPager swap = vm.paging().pagers().swap();
      return List.of(
          vm.stats().freeAndCache(),
          vm.stats().get(VmCounter.WIRE_COUNT),
          (long) vm.objects().count(),
          swap == null ? 0L : swap.pagesInUse());
    } finally {
      vm.tokens().vm().release();
    }
  }

  /** Returns what each space holds. */
  @Override
  public String toString() {
    return String.join("\n", spaces.stream().map(ModelledSpace::toString).toList());
  }
}
