package dev.kmemu.vm;

import static dev.kmemu.vm.TestKernel.PAGE;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.kmemu.emulator.memory.VirtualAddress;
import dev.kmemu.vm.kern.KernelPanic;
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

/** What the end of a reference does, by how many there are. */
@Timeout(value = 60, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class ObjectReferenceTest {

  private final MappedObjects memory = new MappedObjects();
  private final TestKernel kernel = memory.kernel;
  private final ExecutorService executor = Executors.newSingleThreadExecutor();

  @AfterEach
  void checkAndStop() {
    executor.shutdownNow();
    kernel.check();
  }

  @Test
  void oneReferenceTooManyIsAPanicWithTheTypesNumber() {
    VmObject object = memory.anonymous(1);
    memory.objects.deallocate(object);

    assertThatThrownBy(() -> memory.objects.deallocate(object))
        .isInstanceOfSatisfying(
            KernelPanic.class,
            panic ->
                assertThat(panic.text())
                    .isEqualTo("vm_object_deallocate: object deallocated too many times: 5"));
  }

  @Test
  void theSecondLastReferenceLeavesOneMapping() {
    VmObject object = memory.anonymous(1);
    memory.objects.reference(object);
    memory.objects.reference(object);
    memory.objects.noteMapped(object);

    memory.objects.deallocate(object);
    assertThat(object.isOneMapping()).as("with two references left").isFalse();
    memory.objects.deallocate(object);

    assertThat(object.isOneMapping()).isTrue();
    assertThat(object.refCount()).isEqualTo(1);
  }

  @Test
  void theLastReferenceFreesThePagesAndEndsTheChainBehind() {
    long free = kernel.counter(VmCounter.FREE_COUNT);
    VmObject bottom = memory.anonymous(4);
    memory.put(bottom, 1, 11);
    VmObject middle = memory.shadowOf(bottom, 0, 4);
    VmObject top = memory.shadowOf(middle, 0, 4);
    memory.put(top, 2, 22);
    long va = memory.map(top, 4);
    memory.read(va + PAGE);
    memory.objects.deallocate(bottom);
    memory.objects.deallocate(middle);

    kernel.vm.kmem().free(memory.map, new VirtualAddress(va), 4 * PAGE);

    assertThat(bottom.isDead() && middle.isDead() && top.isDead()).isTrue();
    assertThat(top.type()).isEqualTo(ObjectType.DEAD);
    assertThat(kernel.counter(VmCounter.FREE_COUNT)).isEqualTo(free);
  }

  @Test
  void aWiredPageIsDetachedAndNotFreed() {
    VmObject object = memory.anonymous(1);
    VmPage page = memory.put(object, 0, 1);
    memory.locked(() -> kernel.vm.pageState().wire(page));

    memory.objects.deallocate(object);

    assertThat(page.owner()).isNull();
    assertThat(page.wireCount()).isEqualTo(1);
    assertThat(page.isBusy()).isFalse();
  }

  @Test
  void aBusyPageAtTheEndIsAPanic() {
    VmObject object = memory.anonymous(1);
    VmPage page = memory.put(object, 0, 1);
    memory.busy(page);

    assertThatThrownBy(() -> memory.objects.deallocate(object))
        .isInstanceOf(KernelPanic.class)
        .hasMessageStartingWith("vm_object_terminate: freeing busy page " + page);
    memory.wakeup(page);
  }

  @Test
  void thePagerIsToldOfTheEnd() {
    ScriptedPager pager = new ScriptedPager(kernel);
    VmObject object = memory.objects.allocate(ObjectType.VNODE, 1, pager, "file");

    memory.objects.deallocate(object);

    assertThat(pager.ended).containsExactly(object);
  }

  @Test
  void theEndWaitsForPagingInProgress() throws Exception {
    VmObject object = memory.anonymous(1);
    memory.put(object, 0, 1);
    memory.locked(() -> memory.objects.pagingBegin(object));
    Future<?> end = executor.submit(() -> memory.objects.deallocate(object));
    memory.awaitSleepers(object, 1);
    assertThat(object.residentPageCount()).isEqualTo(1);

    memory.locked(() -> memory.objects.pagingEnd(object));

    end.get(30, TimeUnit.SECONDS);
    assertThat(object.residentPageCount()).isZero();
  }

  /** Were it dropped after, the object would seem to be shared still, and would stay for ever. */
  @Test
  void theReferenceIsDroppedBeforeTheCollapseThatItWouldPrevent() {
    VmObject object = memory.anonymous(2);
    memory.put(object, 0, 10);
    memory.put(object, 1, 11);
    VmObject shadow = memory.shadowOf(object, 0, 2);
    memory.put(shadow, 1, 21);

    memory.objects.deallocate(object);

    assertThat(object.isDead()).as("the object went into its shadow").isTrue();
    assertThat(shadow.backingObject()).isNull();
    assertThat(shadow.refCount()).isEqualTo(1);
    assertThat(memory.word(shadow, 0)).isEqualTo(10);
    assertThat(memory.word(shadow, 1)).isEqualTo(21);
    memory.map(shadow, 2);
  }

  @Test
  void aShadowThatEverybodyElseLeavesMeanwhileEndsWithTheObject() throws Exception {
    VmObject object = memory.anonymous(1);
    memory.put(object, 0, 10);
    VmObject shadow = memory.shadowOf(object, 0, 1);
    memory.locked(() -> memory.objects.pagingBegin(object));
    Future<?> drop = executor.submit(() -> memory.objects.deallocate(object));
    memory.awaitSleepers(object, 1);
    memory.objects.deallocate(shadow);
    assertThat(shadow.isDead()).as("it is referenced meanwhile").isFalse();

    memory.locked(() -> memory.objects.pagingEnd(object));

    drop.get(30, TimeUnit.SECONDS);
    assertThat(shadow.isDead()).isTrue();
    assertThat(object.isDead()).isTrue();
  }

  @Test
  void anObjectWithTwoShadowsStaysBehindBoth() {
    VmObject object = memory.anonymous(1);
    memory.put(object, 0, 10);
    VmObject first = memory.shadowOf(object, 0, 1);
    VmObject second = memory.shadowOf(object, 0, 1);

    memory.objects.deallocate(object);
    assertThat(object.refCount()).isEqualTo(2);
    assertThat(object.shadowCount()).isEqualTo(2);
    memory.objects.deallocate(first);

    assertThat(second.backingObject()).as("one shadow is left, which takes it in").isNull();
    assertThat(memory.word(second, 0)).isEqualTo(10);
    memory.map(second, 1);
  }
}
