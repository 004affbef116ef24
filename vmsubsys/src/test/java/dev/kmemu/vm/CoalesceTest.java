package dev.kmemu.vm;

import static dev.kmemu.vm.TestKernel.PAGE;
import static org.assertj.core.api.Assertions.assertThat;

import dev.kmemu.vm.kern.VmCounter;
import dev.kmemu.vm.object.ObjectType;
import dev.kmemu.vm.object.VmObject;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** When an object may grow behind a mapping. */
class CoalesceTest {

  private final MappedObjects memory = new MappedObjects();

  @AfterEach
  void check() {
    memory.kernel.check();
  }

  private boolean coalesce(VmObject object, int firstPage, int pages, int more) {
    return memory.objects.coalesce(object, firstPage * PAGE, pages * PAGE, more * PAGE);
  }

  @Test
  void noObjectMayAlwaysGrow() {
    assertThat(memory.objects.coalesce(null, 0, PAGE, PAGE)).isTrue();
  }

  @Test
  void onlyAnonymousMemoryGrows() {
    VmObject file =
        memory.objects.allocate(ObjectType.VNODE, 2, new ScriptedPager(memory.kernel), "file");

    assertThat(coalesce(file, 0, 2, 1)).isFalse();
  }

  @Test
  void aPrivateObjectGrowsFromWhereTheMappingEnds() {
    VmObject object = memory.anonymous(2);

    assertThat(coalesce(object, 1, 2, 3)).isTrue();

    assertThat(object.size()).isEqualTo(6);
  }

  @Test
  void aSharedObjectGrowsAtItsEndOnly() {
    VmObject object = memory.anonymous(4);
    memory.objects.reference(object);

    assertThat(coalesce(object, 0, 3, 1)).isFalse();
    assertThat(coalesce(object, 0, 4, 1)).isTrue();

    assertThat(object.size()).isEqualTo(5);
  }

  @Test
  void whatOlderMappingsLeftIsRemovedAndTheSizeNeverShrinks() {
    long free = memory.kernel.counter(VmCounter.FREE_COUNT);
    ScriptedPager pager = new ScriptedPager(memory.kernel);
    VmObject object = memory.anonymous(8);
    object.setPager(ObjectType.SWAP, pager);
    memory.put(object, 1, 1);
    memory.put(object, 2, 2);
    pager.put(object, 3, 3);
    memory.put(object, 4, 4);

    assertThat(coalesce(object, 0, 2, 2)).isTrue();

    assertThat(object.size()).isEqualTo(8);
    assertThat(object.residentPage(2)).isNull();
    assertThat(pager.hasPage(object, 3)).isFalse();
    assertThat(memory.word(object, 1)).isEqualTo(1);
    assertThat(memory.word(object, 4)).isEqualTo(4);
    assertThat(memory.kernel.counter(VmCounter.FREE_COUNT)).isEqualTo(free - 2);
  }

  @Test
  void anObjectBeforeAnotherGrowsOnlyOnceTheTwoAreOne() {
    VmObject object = memory.anonymous(2);
    VmObject shadow = memory.shadowOf(object, 0, 2);
    memory.map(shadow, 2);
    memory.put(object, 1, 1);
    assertThat(coalesce(shadow, 0, 2, 1)).as("something shows through").isFalse();
    memory.busy(memory.page(object, 1));
    memory.objects.deallocate(object);
    memory.wakeup(memory.page(object, 1));
    assertThat(shadow.backingObject()).isSameAs(object);

    assertThat(coalesce(shadow, 0, 2, 1)).as("nobody else uses it").isTrue();

    assertThat(shadow.backingObject()).isNull();
    assertThat(memory.word(shadow, 1)).isEqualTo(1);
  }
}
