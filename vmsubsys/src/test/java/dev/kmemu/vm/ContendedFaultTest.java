package dev.kmemu.vm;

import static dev.kmemu.vm.TestKernel.PAGE;
import static org.assertj.core.api.Assertions.assertThat;

import dev.kmemu.emulator.memory.VirtualAddress;
import dev.kmemu.vm.kern.KernReturn;
import dev.kmemu.vm.kern.VmCounter;
import dev.kmemu.vm.object.ObjectType;
import dev.kmemu.vm.object.VmObject;
import dev.kmemu.vm.page.VmPage;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Faults that meet what others do to the same page or map. */
@Timeout(value = 60, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class ContendedFaultTest {

  private final MappedObjects memory = new MappedObjects();
  private final TestKernel kernel = memory.kernel;
  private final ScriptedPager pager = new ScriptedPager(kernel);
  private final ExecutorService executor = Executors.newFixedThreadPool(2);

  @AfterEach
  void checkAndStop() {
    executor.shutdownNow();
    kernel.check();
  }

  private static KernReturn result(Future<KernReturn> fault) throws Exception {
    return fault.get(30, TimeUnit.SECONDS);
  }

  @Test
  void aBusyPageIsWaitedForWithNothingHeld() throws Exception {
    VmObject object = memory.anonymous(1);
    VmPage page = memory.put(object, 0, 10);
    VmObject shadow = memory.shadowOf(object, 0, 1);
    long va = memory.map(shadow, 1);
    memory.busy(page);
    Future<KernReturn> fault = executor.submit(() -> memory.write(va));
    memory.awaitSleepers(page, 1);

    // Whoever wants the map or the first object's page gets it.
    memory.map.lock();
    memory.map.unlock();
    assertThat(shadow.residentPageCount()).isZero();
    assertThat(shadow.pagingInProgress() + object.pagingInProgress()).isZero();
    memory.wakeup(page);

    assertThat(result(fault)).isEqualTo(KernReturn.SUCCESS);
    assertThat(kernel.counter(VmCounter.INTRANS)).isEqualTo(1);
    assertThat(memory.word(shadow, 0)).isEqualTo(10);
  }

  @Test
  void theFaultLooksAgainAfterItsSleep() throws Exception {
    VmObject object = memory.anonymous(1);
    VmPage page = memory.put(object, 0, 10);
    long va = memory.map(object, 1);
    memory.busy(page);
    Future<KernReturn> fault = executor.submit(() -> memory.read(va));
    memory.awaitSleepers(page, 1);

    memory.locked(() -> kernel.vm.allocator().free(page));

    assertThat(result(fault)).isEqualTo(KernReturn.SUCCESS);
    assertThat(kernel.read(va)).as("the page went while the fault slept").isZero();
  }

  /** Who locks the map to remove the entry waits for the page, and who reads that for the map. */
  @Test
  void aPageThatWasReadIsGivenUpWhenTheMapCannotBeHad() throws Exception {
    VmObject object = memory.anonymous(2);
    object.setPager(ObjectType.SWAP, pager);
    memory.objects.reference(object);
    pager.put(object, 0, 10);
    long va = memory.map(object, 2);
    memory.objects.deallocate(object);
    memory.objects.reference(object);
    assertThat(object.isOneMapping()).isTrue();
    pager.blocked = true;
    Future<KernReturn> fault = executor.submit(() -> memory.read(va));
    memory.awaitSleepers(pager, 1);
    VmPage page = memory.page(object, 0);
    Future<?> removal =
        executor.submit(() -> kernel.vm.kmem().free(memory.map, new VirtualAddress(va), 2 * PAGE));
    memory.awaitSleepers(page, 1);

    memory.locked(pager::go);

    removal.get(30, TimeUnit.SECONDS);
    assertThat(result(fault)).isEqualTo(KernReturn.INVALID_ADDRESS);
    assertThat(object.residentPageCount()).isZero();
    memory.objects.deallocate(object);
  }

  @Test
  void aMapThatChangedDuringTheReadIsLookedUpAgain() throws Exception {
    VmObject file = memory.objects.allocate(ObjectType.VNODE, 1, pager, "file");
    memory.objects.reference(file);
    pager.put(file, 0, 10);
    long va = memory.map(file, 1);
    pager.blocked = true;
    Future<KernReturn> fault = executor.submit(() -> memory.read(va));
    memory.awaitSleepers(pager, 1);
    kernel.vm.kmem().free(memory.map, new VirtualAddress(va), PAGE);

    memory.locked(pager::go);

    assertThat(result(fault)).isEqualTo(KernReturn.INVALID_ADDRESS);
    assertThat(kernel.vm.pmap().extract(va)).isZero();
    assertThat(memory.page(file, 0).isBusy()).isFalse();
    memory.objects.deallocate(file);
  }

  @Test
  void aFaultKeepsItsObjectsFromBeingCollapsed() throws Exception {
    VmObject object = memory.anonymous(1);
    object.setPager(ObjectType.SWAP, pager);
    pager.put(object, 0, 10);
    VmObject shadow = memory.shadowOf(object, 0, 1);
    long va = memory.map(shadow, 1);
    pager.blocked = true;
    Future<KernReturn> fault = executor.submit(() -> memory.write(va));
    memory.awaitSleepers(pager, 1);
    Future<?> drop = executor.submit(() -> memory.objects.deallocate(object));
    memory.awaitSleepers(shadow, 1);
    assertThat(shadow.backingObject()).isSameAs(object);

    memory.locked(pager::go);

    assertThat(result(fault)).isEqualTo(KernReturn.SUCCESS);
    drop.get(30, TimeUnit.SECONDS);
    assertThat(shadow.backingObject()).isNull();
    assertThat(kernel.read(va)).isEqualTo(10);
  }
}
