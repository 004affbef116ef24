package dev.kmemu.vm.space;

import static org.assertj.core.api.Assertions.assertThat;

import dev.kmemu.vm.KernelVm;
import dev.kmemu.vm.kern.KernReturn;
import dev.kmemu.vm.kern.VmArith;
import dev.kmemu.vm.kern.VmProt;
import dev.kmemu.vm.map.Inheritance;
import dev.kmemu.vm.map.MapInsertion;
import dev.kmemu.vm.map.MapType;
import dev.kmemu.vm.map.MapWiring;
import dev.kmemu.vm.map.VmSpace;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * A user address space, or the part of one that is a thread's own, and its model: what each page
 * holds and allows. Each operation is done on both and fails where the results differ. Pages are
 * numbered from {@link #BASE} on; ranges are [from, to).
 */
public final class ModelledSpace {

  /** The address of page 0: the last pages of one page table come first. */
  public static final long BASE = 0x0000_7000_001F_D000L;

  private final KernelVm vm;
  private final VmSpace space;
  private final SoftCpu cpu;
  private final ModelPages pages;

  /** Whether other threads may fork the space at any time. */
  private boolean isView;

  private ModelledSpace(KernelVm vm, VmSpace space, ModelPages pages) {
    this.vm = vm;
    this.space = space;
    this.cpu = new SoftCpu(vm);
    this.pages = pages;
  }

  /** Makes an empty space of which {@code pages} pages are played with. */
  public static ModelledSpace create(KernelVm vm, int pages) {
    return new ModelledSpace(vm, vm.spaces().alloc(), new ModelPages(pages));
  }

  /** Returns a view of this space for another thread, of pages that nobody has mapped yet. */
  public ModelledSpace view() {
    ModelledSpace view = new ModelledSpace(vm, space, new ModelPages(pages.count()));
    view.isView = true;
    return view;
  }

  /** Returns the space itself. */
  public VmSpace space() {
    return space;
  }

  /** Returns the page's model, null when nothing is mapped. */
  public @Nullable ModelPage page(int page) {
    return pages.at(page);
  }

  /** Returns the number of pages. */
  public int pages() {
    return pages.count();
  }

  /** Returns the address of a page. */
  public static long at(int page) {
    return BASE + page * VmArith.PAGE_SIZE;
  }

  /** {@code mmap} of anonymous memory where nothing must be mapped. */
  public KernReturn map(int from, int to, int protection) {
    MapInsertion.Mapping mapping =
        new MapInsertion.Mapping(null, 0, MapType.NORMAL, protection, VmProt.ALL, 0);
    KernReturn result =
        vm.maps().find(space.map(), mapping, at(from), at(to) - at(from), 1, false).code();
    boolean taken = !pages.areFree(from, to);
    expect(result, taken ? KernReturn.NO_SPACE : KernReturn.SUCCESS, "map", from, to);
    for (int i = from; i < to && !taken; i++) {
      pages.put(i, new ModelPage(new Contents(0), protection)).maybeCopyOnWrite = isView;
    }
    return result;
  }

  /** {@code munmap}. */
  public void unmap(int from, int to) {
    vm.maps().removal().remove(space.map(), at(from), at(to));
    pages.clear(from, to);
  }

  /** {@code mprotect}. */
  public void protect(int from, int to, int protection) {
    KernReturn result =
        vm.maps().protection().protect(space.map(), at(from), at(to), protection, false);
    expect(result, KernReturn.SUCCESS, "protect", from, to);
    pages.forEach(from, to, page -> page.protection = protection);
  }

  /**
   * {@code minherit}. Memory that others share isn't to be copied: the copy would show what they
   * write to it, as upstream.
   */
  public void inherit(int from, int to, Inheritance inheritance) {
    if (inheritance == Inheritance.COPY && !pages.all(from, to, p -> p == null || !p.isShared())) {
      throw new IllegalArgumentException("a page of [" + from + ", " + to + ") is shared");
    }
    vm.maps().protection().inherit(space.map(), at(from), at(to), inheritance);
    pages.forEach(from, to, page -> page.inheritance = inheritance);
  }

  /** {@code mlock}; of pages that can be read, if they are mapped. */
  public KernReturn lock(int from, int to) {
    KernReturn result = vm.maps().userWiring().unwire(space.map(), at(from), at(to), false);
    boolean mapped = pages.areMapped(from, to);
    expect(result, mapped ? KernReturn.SUCCESS : KernReturn.INVALID_ADDRESS, "lock", from, to);
    if (mapped) {
      pages.forEach(from, to, page -> page.locked = true);
    }
    return result;
  }

  /** {@code munlock}. */
  public KernReturn unlock(int from, int to) {
    KernReturn result = vm.maps().userWiring().unwire(space.map(), at(from), at(to), true);
    boolean locked = pages.all(from, to, page -> page != null && page.locked);
    KernReturn refused =
        pages.areMapped(from, to) ? KernReturn.INVALID_ARGUMENT : KernReturn.INVALID_ADDRESS;
    expect(result, locked ? KernReturn.SUCCESS : refused, "unlock", from, to);
    if (locked) {
      pages.forEach(from, to, page -> page.locked = false);
    }
    return result;
  }

  /** {@code vslock} and {@code vsunlock} around {@code body}; of pages that can be written. */
  public void wired(int from, int to, Runnable body) {
    MapWiring wiring = vm.maps().wiring();
    expect(wiring.wire(space.map(), at(from), at(to), 0), KernReturn.SUCCESS, "wire", from, to);
    body.run();
    expect(
        wiring.wire(space.map(), at(from), at(to), MapWiring.KM_PAGEABLE),
        KernReturn.SUCCESS,
        "unwire",
        from,
        to);
  }

  /** Fails unless all that the page tables show is what the model has. Causes no fault. */
  void verifyMapped() {
    for (int i = 0; i < pages.count(); i++) {
      if (cpu.peek(space.map(), at(i))) {
        int page = i;
        ModelPage model =
            Objects.requireNonNull(
                pages.at(i), () -> "page " + page + " of " + this + " is mapped");
        assertThat(cpu.word()).as("word of page %d of %s", i, space).isEqualTo(model.word());
      }
    }
  }

  /** Loads a page's first word. */
  public KernReturn load(int page) {
    ModelPage model = pages.at(page);
    KernReturn result = cpu.load(space.map(), at(page));
    expect(result, expected(model, VmProt.READ), "load", page, page + 1);
    if (result == KernReturn.SUCCESS && model != null) {
      assertThat(cpu.word()).as("word of page %d of %s", page, space).isEqualTo(model.word());
    }
    return result;
  }

  /** Loads a word of a page about which the model knows nothing; see {@link #word}. */
  KernReturn peek(int page) {
    return cpu.load(space.map(), at(page));
  }

  long word() {
    return cpu.word();
  }

  /** Has the model know that there is a page, as {@link #peek} found it. */
  void assume(int page, long word) {
    pages.put(page, new ModelPage(new Contents(word), VmProt.ALL)).maybeCopyOnWrite = true;
  }

  /** Stores a page's first word. */
  public KernReturn store(int page, long word) {
    ModelPage model = pages.at(page);
    KernReturn result = cpu.store(space.map(), at(page), word);
    boolean mayBeRefused = model != null && model.mayRefuseStores();
    if (!mayBeRefused || result != KernReturn.PROTECTION_FAILURE) {
      expect(result, expected(model, VmProt.WRITE), "store", page, page + 1);
    }
    if (result == KernReturn.SUCCESS && model != null) {
      model.contents.word = word;
    }
    return result;
  }

  /** Has the model know that somebody else stored {@code word} in a page that is mapped. */
  public void noteStored(int page, long word) {
    Objects.requireNonNull(pages.at(page)).contents.word = word;
  }

  private static KernReturn expected(@Nullable ModelPage page, int access) {
    if (page == null) {
      return KernReturn.INVALID_ADDRESS;
    }
    return (page.protection & access) == 0 ? KernReturn.PROTECTION_FAILURE : KernReturn.SUCCESS;
  }

  /** {@code fork}: returns the child's space. */
  public ModelledSpace fork() {
    return inherited(vm.spaces().fork(space));
  }

  /** {@code rfork} without shared memory, of a space that was shared before. */
  public ModelledSpace unshare() {
    vm.spaces().reference(space);
    return inherited(vm.spaces().unshare(space));
  }

  private ModelledSpace inherited(VmSpace child) {
    return new ModelledSpace(vm, child, pages.inherited());
  }

  /** {@code execve}: leaves this space for an empty one. */
  public ModelledSpace exec() {
    return new ModelledSpace(vm, vm.spaces().exec(space, null), new ModelPages(pages.count()));
  }

  /** {@code exit}. */
  public void free() {
    vm.spaces().free(space);
  }

  /** Returns the mapped pages and what they hold. */
  @Override
  public String toString() {
    return space.toString() + pages;
  }

  private void expect(KernReturn actual, KernReturn expected, String what, int from, int to) {
    if (actual != expected) {
      throw new AssertionError(
          String.format("%s [%d, %d) of %s: %s, not %s", what, from, to, space, actual, expected));
    }
  }
}
