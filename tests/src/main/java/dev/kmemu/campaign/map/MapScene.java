package dev.kmemu.campaign.map;

import dev.kmemu.campaign.Failure;
import dev.kmemu.campaign.guest.AccessCpu;
import dev.kmemu.campaign.guest.GuestWindow;
import dev.kmemu.campaign.map.MapVerb.Operands;
import dev.kmemu.campaign.sched.PreemptiblePmap;
import dev.kmemu.campaign.sched.StuckException;
import dev.kmemu.campaign.sched.Turns;
import dev.kmemu.emulator.memory.PhysicalAddress;
import dev.kmemu.emulator.memory.PhysicalMemory;
import dev.kmemu.vm.KernelVm;
import dev.kmemu.vm.KernelVmConfig;
import dev.kmemu.vm.check.Violation;
import dev.kmemu.vm.kern.VmArith;
import dev.kmemu.vm.kern.VmCounter;
import dev.kmemu.vm.map.VmSpace;
import dev.kmemu.vm.pager.SwapConfig;
import dev.kmemu.vm.pager.SwapPager;
import dev.kmemu.vm.pmap.PageTables;
import dev.kmemu.vm.pmap.PmapProvider;
import dev.kmemu.vm.pmap.PteBits;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** One script's kernel VM and its address spaces. */
final class MapScene implements AutoCloseable {

  private static final int FAULT_HISTORY = 16;
  private static final int NONE = -1;

  private final KernelVm vm;
  private final AccessCpu cpu;
  private final Turns turns;
  private final KernelMemory memory;
  private final UnreliableSwap disk;
  private final CachedPages cached;
  private final @Nullable Hoard hoard;
  private final @Nullable SpaceModel[] spaces = new @Nullable SpaceModel[Operands.SPACES];
  private final String counters;
  private int current = NONE;

  MapScene(PhysicalMemory ram, AccessCpu cpu, PmapProvider pmap, int swapPages) {
    this.cpu = cpu;
    turns = new Turns(this::relief);
    cached = new CachedPages(cpu.tlb());
    disk = new UnreliableSwap(new SwapConfig.Memory(Math.max(1, swapPages)).open(), turns);
    SwapConfig swap = swapPages == 0 ? SwapConfig.none() : new SwapConfig.Custom(() -> disk);
    vm =
        new KernelVm(
            ram,
            cached,
            new KernelVmConfig(new PhysicalAddress(GuestWindow.BYTES), false, FAULT_HISTORY)
                .withSwap(swap)
                .withPmap(context -> new PreemptiblePmap(pmap.create(context), turns))
                .withScheduler(turns));
    cpu.window().open(root(null));
    cpu.start(root(null));
    cpu.setKernel(vm.hostKernel());
    memory = new KernelMemory(vm, cpu, cached);
    hoard = new Hoard(vm);
    counters = counters();
  }

  KernelVm vm() {
    return vm;
  }

  AccessCpu cpu() {
    return cpu;
  }

  Turns turns() {
    return turns;
  }

  private boolean relief() {
    Hoard taken = hoard;
    return taken != null && taken.giveBack();
  }

  Hoard hoard() {
    return Objects.requireNonNull(hoard);
  }

  UnreliableSwap disk() {
    return disk;
  }

  KernelMemory memory() {
    return memory;
  }

  @Nullable SpaceModel space(int number) {
    return spaces[number];
  }

  /** Returns the space that the CPU is on, null when it is on none. */
  @Nullable SpaceModel current() {
    return current == NONE ? null : spaces[current];
  }

  /** Makes an empty space, unless there is one. */
  void spawn(int number) {
    if (spaces[number] == null) {
      put(number, new SpaceModel(vm.spaces().alloc()));
    }
  }

  /** Returns the child, null where none could be made. */
  @Nullable SpaceModel fork(int parent, int child) {
    SpaceModel model = spaces[parent];
    if (model == null || spaces[child] != null) {
      return null;
    }
    SpaceModel made = model.forked(vm.spaces().fork(model.space));
    put(child, made);
    return made;
  }

  void exec(int number) {
    SpaceModel model = spaces[number];
    if (model != null) {
      boolean wasCurrent = leave(number);
      cpu.window().shut(root(model.space));
      put(number, new SpaceModel(vm.spaces().exec(model.space, null)));
      if (wasCurrent) {
        switchTo(number);
      }
    }
  }

  void exit(int number) {
    SpaceModel model = spaces[number];
    if (model != null) {
      leave(number);
      cpu.window().shut(root(model.space));
      spaces[number] = null;
      vm.spaces().free(model.space);
    }
  }

  void switchTo(int number) {
    SpaceModel model = spaces[number];
    if (model != null) {
      vm.trap().setUserMap(model.space.map());
      vm.currentPmap().switchTo(model.space.pmap(), this::loadRoot);
      current = number;
    }
  }

  private boolean leave(int number) {
    if (current != number) {
      return false;
    }
    vm.trap().setUserMap(null);
    vm.currentPmap().switchTo(vm.pmap(), this::loadRoot);
    current = NONE;
    return true;
  }

  private void loadRoot(long cr3) {
    cpu.loadRoot(cr3);
    cached.clear();
  }

  CachedPages cached() {
    return cached;
  }

  private void put(int number, SpaceModel model) {
    cpu.window().open(root(model.space));
    spaces[number] = model;
  }

  private long root(@Nullable VmSpace space) {
    return space == null ? vm.pml4().value() : space.pmap().tables().pml4().value();
  }

  /** Compares what all page tables show with the model; causes no fault. */
  @Nullable Failure compareMapped(String suspect) {
    Failure stale = cached.compare(vm.currentPmap().get().tables(), suspect);
    if (stale != null) {
      return stale;
    }
    for (int i = 0; i < spaces.length; i++) {
      SpaceModel model = spaces[i];
      for (int page = 0; model != null && page < Operands.PAGES; page++) {
        Failure failure = compareMapped(model, i, page, suspect);
        if (failure != null) {
          return failure;
        }
      }
    }
    return null;
  }

  private @Nullable Failure compareMapped(SpaceModel model, int number, int page, String suspect) {
    long va = Operands.PAGE.at(page);
    PageTables tables = model.space.pmap().tables();
    long pde = tables.pde(va);
    long pte = PageTables.isTable(pde) ? tables.load(PageTables.pteAddress(pde, va)) : 0;
    if ((pte & PteBits.V) == 0) {
      return null;
    }
    SpacePage expected = model.page(page);
    String where = Operands.SPACE.format(number) + " at 0x" + Long.toHexString(va) + ": ";
    if (expected == null) {
      return Failure.of("mapped", suspect, where + "no page", "0x" + Long.toHexString(pte));
    }
    long word = vm.ram().load64(pte & PteBits.FRAME);
    if (!expected.contents.accepts(word)) {
      return Failure.of(
          "contents",
          suspect,
          where + "0x" + Long.toHexString(expected.contents.word()),
          "0x" + Long.toHexString(word));
    }
    if (expected.locked != ((pte & PteBits.W) != 0)) {
      String wanted = where + (expected.locked ? "wired" : "not wired");
      return Failure.of("mapped", suspect, wanted, "0x" + Long.toHexString(pte));
    }
    boolean forbidden = (pte & PteBits.RW) != 0 && !expected.isWritable();
    return forbidden
        ? Failure.of("mapped", suspect, where + "no write access", "0x" + Long.toHexString(pte))
        : null;
  }

  /** Looks for what the page daemon would lose. */
  @Nullable Failure compareClean(String suspect) {
    return new CleanPages(vm, disk).compare(suspect);
  }

  @Nullable Failure invariants(String suspect) {
    Failure lost = compareClean(suspect);
    if (lost != null) {
      return lost;
    }
    List<Violation> broken = vm.check();
    if (broken.isEmpty()) {
      return null;
    }
    Violation first = broken.get(0);
    return new Failure(
        "invariant-" + first.invariant(),
        suspect,
        first.object() + ": " + first.expected(),
        first.actual(),
        broken.stream().limit(8).map(Violation::toString).toList());
  }

  /** Ends all spaces and looks for what is left. */
  @Nullable Failure takeDown() {
    hoard().giveBack();
    for (int i = 0; i < spaces.length; i++) {
      exit(i);
    }
    Failure failure = memory.freeAll();
    if (failure != null) {
      return failure;
    }
    String left = counters();
    return left.equals(counters) ? invariants("end") : Failure.of("leak", "end", counters, left);
  }

  private String counters() {
    vm.tokens().vm().get();
    try {
      SwapPager swap = vm.paging().pagers().swap();
      return String.format(
          "%d usable pages, %d wired, %d objects, %d in swap",
          vm.stats().freeAndCache(),
          vm.stats().get(VmCounter.WIRE_COUNT),
          vm.objects().count(),
          swap == null ? 0 : swap.pagesInUse());
    } finally {
      vm.tokens().vm().release();
    }
  }

  /** Returns the end of the range whose last page is {@code last}. */
  static long end(int last) {
    return Operands.PAGE.at(last) + VmArith.PAGE_SIZE;
  }

  SpaceModel require(int number) {
    return Objects.requireNonNull(spaces[number]);
  }

  @Override
  public void close() {
    cpu.setKernel(null);
    try {
      vm.close();
    } catch (StuckException e) {
      // Threads that were given up hold its tokens for ever. Its swap is in the heap.
    }
  }
}
