package dev.kmemu.vm;

import static dev.kmemu.vm.TestKernel.PAGE;
import static org.assertj.core.api.Assertions.assertThat;

import dev.kmemu.vm.fault.FaultFlags;
import dev.kmemu.vm.kern.KernReturn;
import dev.kmemu.vm.kern.VmProt;
import dev.kmemu.vm.map.MapInsertion;
import dev.kmemu.vm.map.MapType;
import dev.kmemu.vm.map.VmMap;
import dev.kmemu.vm.object.ObjectType;
import dev.kmemu.vm.object.VmObject;
import dev.kmemu.vm.object.VmObjects;
import dev.kmemu.vm.page.AllocRequest;
import dev.kmemu.vm.page.VmPage;
import java.util.Objects;

/** Objects with pages in them, mapped in a submap that isn't a system map. */
final class MappedObjects {

  static final int PAGES = 64;

  final TestKernel kernel = TestKernel.small();
  final VmObjects objects = kernel.vm.objects();
  final VmMap map = kernel.vm.kmem().suballoc(kernel.map(), "clean_map", PAGES * PAGE).map();
  private long next = map.min();

  VmObject anonymous(int pages) {
    return objects.allocate(ObjectType.DEFAULT, pages);
  }

  /** Returns an object before {@code source}, which keeps the reference it had. */
  VmObject shadowOf(VmObject source, int firstPage, int pages) {
    objects.reference(source);
    VmObject shadow = objects.shadow(source, firstPage * PAGE, pages * PAGE).object();
    assertThat(shadow).isNotSameAs(source);
    return shadow;
  }

  /** Maps the object behind what was mapped last; the entry takes over the caller's reference. */
  long map(VmObject object, int pages) {
    return map(object, pages, VmProt.ALL);
  }

  long map(VmObject object, int pages, int prot) {
    long va = next;
    next += pages * PAGE;
    try (var reservation = kernel.vm.maps().reserve().reserve()) {
      map.lock();
      MapInsertion.Mapping mapping =
          new MapInsertion.Mapping(object, 0, MapType.NORMAL, prot, VmProt.ALL, 0);
      assertThat(kernel.vm.maps().insertion().insert(map, reservation, mapping, va, next))
          .isEqualTo(KernReturn.SUCCESS);
      map.unlock();
    }
    return va;
  }

  /** Puts a valid page that begins with {@code word} into the object. */
  VmPage put(VmObject object, int pindex, long word) {
    locked(
        () -> {
          VmPage page =
              Objects.requireNonNull(
                  kernel.vm.allocator().alloc(object, pindex, AllocRequest.NORMAL));
          kernel.vm.pageState().zeroFill(page);
          kernel.vm.ram().store64(page.address(), word);
          page.setValid(true);
          kernel.vm.pageState().activate(page);
          kernel.vm.pageState().wakeup(page);
        });
    return page(object, pindex);
  }

  VmPage page(VmObject object, int pindex) {
    return Objects.requireNonNull(
        object.residentPage(pindex), () -> "no page " + pindex + " in " + object);
  }

  long word(VmObject object, int pindex) {
    return kernel.vm.ram().load64(page(object, pindex).address());
  }

  KernReturn read(long va) {
    return fault(va, VmProt.READ, FaultFlags.NORMAL);
  }

  KernReturn write(long va) {
    return fault(va, VmProt.WRITE, FaultFlags.NORMAL);
  }

  KernReturn fault(long va, int type, int flags) {
    return kernel.vm.faults().fault(map, va, type, flags);
  }

  KernReturn wire(long va, int pages) {
    return kernel.vm.maps().wiring().wire(map, va, va + pages * PAGE, 0);
  }

  /** Makes the page busy for somebody else. */
  void busy(VmPage page) {
    locked(() -> kernel.vm.pageState().busy(page));
  }

  void wakeup(VmPage page) {
    locked(() -> kernel.vm.pageState().wakeup(page));
  }

  void locked(Runnable action) {
    kernel.vm.tokens().vm().get();
    try {
      action.run();
    } finally {
      kernel.vm.tokens().vm().release();
    }
  }

  /** Returns once {@code count} threads sleep on {@code channel}. */
  void awaitSleepers(Object channel, int count) {
    while (kernel.vm.sleepQueue().sleepersOn(channel) != count) {
      Thread.onSpinWait();
    }
  }
}
