package dev.kmemu.conformance;

import static org.assertj.core.api.Assertions.assertThat;

import dev.kmemu.emulator.cpu.TlbControl;
import dev.kmemu.emulator.memory.PhysicalAddress;
import dev.kmemu.emulator.unicorn.UnicornLoader;
import dev.kmemu.testkit.UserMachine;
import dev.kmemu.testkit.UserSpace;
import dev.kmemu.vm.KernelVm;
import dev.kmemu.vm.check.Violation;
import dev.kmemu.vm.kern.VmArith;
import dev.kmemu.vm.kern.VmCounter;
import dev.kmemu.vm.kern.VmProt;
import dev.kmemu.vm.object.ObjectType;
import dev.kmemu.vm.object.VmObject;
import dev.kmemu.vm.page.AllocRequest;
import dev.kmemu.vm.page.PageFlags;
import dev.kmemu.vm.page.VmPage;
import dev.kmemu.vm.pager.SwapConfig;
import dev.kmemu.vm.pmap.Pmap;
import dev.kmemu.vm.pmap.PmapProvider;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * A kernel on the pmap under test, with a CPU on its page tables, and pages to map. The checks call
 * the pmap as the VM does; where they map pages there is no map entry, so that the CPU's faults
 * stay faults.
 */
public final class TestedKernel implements AutoCloseable {

  /** Bytes of a page. */
  public static final long PAGE = VmArith.PAGE_SIZE;

  /** What most mappings are entered with. */
  public static final int RW = VmProt.READ | VmProt.WRITE;

  /** A user address far from those of programs, at the start of a page table. */
  public static final long DATA = 0x10_0000_0000L;

  /** RAM, small so that a boot is cheap. */
  private static final long RAM = 8L << 20;

  private static final int SWAP_PAGES = 4096;

  /** Entries that the checks have no maps for. */
  private static final Set<String> NEED_ENTRIES = Set.of("V6", "V7");

  private static final long OBJECT_PAGES = 1 << 16;

  private final UserMachine machine;
  private final VmObject object;
  private RecordedFlushes flushes = new RecordedFlushes(TlbControl.none());
  private long pagesMade;

  TestedKernel(PmapProvider pmap) {
    machine =
        UserMachine.configured(
            UnicornLoader.load(),
            RAM,
            real -> {
              flushes = new RecordedFlushes(real);
              return flushes;
            },
            config -> config.withSwap(new SwapConfig.Memory(SWAP_PAGES)).withPmap(pmap));
    object = vm().objects().allocate("conformance", ObjectType.DEFAULT, OBJECT_PAGES);
  }

  /** Returns the kernel VM. */
  public KernelVm vm() {
    return machine.vm();
  }

  /** Returns the machine around it. */
  public UserMachine machine() {
    return machine;
  }

  /** Returns {@code kernel_pmap}. */
  public Pmap kernelPmap() {
    return vm().pmap();
  }

  /** Makes an address space. */
  public UserSpace space() {
    return machine.createSpace("conformance");
  }

  /** Returns the CPU at CPL 0 in the kernel's address space. */
  public GuestView ring0() {
    return GuestView.ring0(machine, vm().pmap());
  }

  /** Returns the CPU at CPL 0 on the page tables of a user, as in a system call. */
  public GuestView ring0In(UserSpace space) {
    return GuestView.ring0(machine, space.pmap());
  }

  /** Returns the CPU at CPL 3; it doesn't come back from there. */
  public GuestView ring3(UserSpace space) {
    return GuestView.ring3(machine, space);
  }

  /** Brings the CPU to the kernel's page tables, so that those of users can go. */
  public void leaveUserSpaces() {
    vm().trap().setUserMap(null);
    machine.switchTo(vm().pmap());
  }

  /** Allocates a managed page; its contents are both a word and code, see {@link #word}. */
  public VmPage page() {
    long number = ++pagesMade;
    VmPage page =
        locked(
            () -> {
              VmPage made = vm().allocator().alloc(object, number, AllocRequest.NORMAL);
              if (made == null) {
                throw new IllegalStateException("no free page left for the check");
              }
              made.setValid(true);
              vm().pageState().wakeup(made);
              return made;
            });
    vm().ram().store64(page.address(), GuestView.CODE_WORD | number << 8);
    return page;
  }

  /** Returns a page's first word as the CPU's loads show it. */
  public String word(VmPage page) {
    return GuestView.hex(vm().ram().load64(page.address()));
  }

  /** Takes kernel addresses that have page tables and no mapping. */
  public long kva(int pages) {
    return vm().kmem().allocNofault(vm().kernelMap(), pages * PAGE, PAGE).orThrow().value();
  }

  /** Returns the entry that maps {@code va}. */
  public long pte(Pmap pmap, long va) {
    return locked(() -> pmap.tables().pte(va));
  }

  /** Calls under {@code vm_token}. */
  public <T> T locked(Supplier<T> call) {
    vm().tokens().vm().get();
    try {
      return call.get();
    } finally {
      vm().tokens().vm().release();
    }
  }

  /** Runs under {@code vm_token}. */
  public void hold(Runnable task) {
    locked(
        () -> {
          task.run();
          return "";
        });
  }

  /** {@code pmap_is_modified}. */
  public boolean isModified(VmPage page) {
    return locked(() -> kernelPmap().mappings().isModified(page));
  }

  /** {@code pmap_ts_referenced}. */
  public int references(VmPage page) {
    return locked(() -> kernelPmap().mappings().tsReferenced(page));
  }

  /** {@code pmap_page_protect}. */
  public void pageProtect(VmPage page, int prot) {
    hold(() -> kernelPmap().mappings().pageProtect(page, prot));
  }

  /** {@code pmap_clear_modify}. */
  public void clearModify(VmPage page) {
    hold(() -> kernelPmap().mappings().clearModify(page));
  }

  /** {@code pmap_clear_reference}, and what the page itself knows. */
  public void clearReference(VmPage page) {
    hold(
        () -> {
          kernelPmap().mappings().clearReference(page);
          page.clearFlag(PageFlags.REFERENCED);
        });
  }

  /** Returns what the VM flushes. */
  RecordedFlushes flushes() {
    return flushes;
  }

  /** Returns the number of free pages. */
  public long freePages() {
    return locked(() -> vm().stats().get(VmCounter.FREE_COUNT));
  }

  /** Fills every free page with a word, so that a table that was freed too early is destroyed. */
  public void scribbleOverFreePages(long word) {
    byte[] contents = new byte[(int) PAGE];
    ByteBuffer longs = ByteBuffer.wrap(contents).order(ByteOrder.LITTLE_ENDIAN);
    while (longs.hasRemaining()) {
      longs.putLong(word);
    }
    hold(
        () -> {
          List<VmPage> taken = new ArrayList<>();
          long index = OBJECT_PAGES / 2;
          for (VmPage page = take(index); page != null; page = take(++index)) {
            taken.add(page);
            vm().ram().write(page.address(), contents, 0, contents.length);
          }
          taken.forEach(vm().allocator()::free);
        });
  }

  private @Nullable VmPage take(long index) {
    return vm().allocator().alloc(object, index, AllocRequest.NORMAL);
  }

  /** Captures the VM and RAM; what is returned restores them. */
  public Runnable capture() {
    var state = vm().snapshots().capture();
    byte[] ram = new byte[(int) RAM];
    vm().ram().read(new PhysicalAddress(0), ram, 0, ram.length);
    return () -> {
      vm().ram().write(new PhysicalAddress(0), ram, 0, ram.length);
      state.restore();
      machine.cpu().tlb().invalidateAll();
    };
  }

  /** Tests all invariants that hold without map entries. */
  public void requireInvariants() {
    List<Violation> broken =
        vm().check().stream().filter(v -> !NEED_ENTRIES.contains(v.invariant())).toList();
    assertThat(broken).as("invariants of the VM after the check").isEmpty();
  }

  @Override
  public void close() {
    machine.close();
  }
}
