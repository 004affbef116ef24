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
  private final int pages;
  private final int mostSpaces;
  private final List<ModelledSpace> spaces = new ArrayList<>();
  private final List<Long> before;
  private long stamp;

  /**
   * Starts with one empty space.
   *
   * @param vm a VM without user spaces
   */
  public SpaceStage(KernelVm vm) {
    this(vm, PAGES, MOST_SPACES);
  }

  /** Starts with one empty space; up to {@code mostSpaces} of {@code pages} pages there will be. */
  public SpaceStage(KernelVm vm, int pages, int mostSpaces) {
    this.vm = vm;
    this.pages = pages;
    this.mostSpaces = mostSpaces;
    before = counters();
    spaces.add(ModelledSpace.create(vm, pages));
  }

  /** Returns the spaces there are. */
  public List<ModelledSpace> spaces() {
    return spaces;
  }

  /** Does one operation, and fails where the VM isn't as the model says. */
  public void apply(SpaceStep step) {
    int index = step.space() % spaces.size();
    ModelledSpace space = spaces.get(index);
    int from = step.page() % pages;
    int to = Math.min(from + step.count(), pages);
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
      case UNLOCK_ALL -> unlockAll(space);
      case WIRE -> wire(space, from, to);
      case FORK -> fork(space, false);
      case UNSHARE -> fork(space, true);
      case EXEC -> spaces.set(index, space.exec());
      case EXIT -> exit(index);
      case BEGIN_ANEW -> beginAnew();
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

  private void unlockAll(ModelledSpace space) {
    for (int i = 0; i < pages; i++) {
      ModelPage page = space.page(i);
      if (page != null && page.isLocked()) {
        space.unlock(i, i + 1);
      }
    }
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
    if (spaces.size() < mostSpaces) {
      spaces.add(unshare ? space.unshare() : space.fork());
    }
  }

  private void exit(int index) {
    if (spaces.size() > 1) {
      spaces.remove(index).free();
    }
  }

  /** All spaces end in turn; what the others have doesn't go with them. */
  private void beginAnew() {
    while (spaces.size() > 1) {
      spaces.remove(0).free();
      spaces.forEach(this::unlockAll);
      pageOut();
      loadAll();
    }
    end();
    spaces.add(ModelledSpace.create(vm, pages));
  }

  /** Makes memory short, long after anything was used: all that can goes to swap. */
  public void pageOut() {
    vm.tokens().vm().get();
    try {
      List<VmPage> used = used();
      for (int i = 0; i < SCANS; i++) {
        for (VmPage page : used) {
          vm.pmap().mappings().clearReference(page);
          page.clearFlag(PageFlags.REFERENCED);
        }
        vm.stats().set(VmCounter.PAGEOUT_DEFICIT, (long) pages * mostSpaces);
        vm.paging().pageout().run();
      }
      for (VmPage p = vm.queues().findCached(0); p != null; p = vm.queues().findCached(0)) {
        vm.paging().reclaim().discard(p);
      }
    } finally {
      vm.tokens().vm().release();
    }
  }

  private List<VmPage> used() {
    List<VmPage> used = new ArrayList<>();
    for (int i = 0; i < vm.pages().size(); i++) {
      VmPage page = vm.pages().get(i);
      if (page.owner() != null) {
        used.add(page);
      }
    }
    return used;
  }

  /** Fails unless the VM is whole in itself, and all that is mapped is as the model says. */
  public void verify() {
    assertThat(vm.check()).as("broken invariants").isEmpty();
    verifyMapped();
  }

  /** Fails unless all that is mapped is as the model says. */
  public void verifyMapped() {
    spaces.forEach(ModelledSpace::verifyMapped);
  }

  /** Looks at every page of every space. */
  public void loadAll() {
    for (ModelledSpace space : spaces) {
      for (int page = 0; page < pages; page++) {
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
