package dev.kmemu.vm;

import static dev.kmemu.vm.TestKernel.PAGE;
import static org.assertj.core.api.Assertions.assertThat;

import dev.kmemu.vm.object.ObjectType;
import dev.kmemu.vm.object.VmObject;
import dev.kmemu.vm.object.VmObjects;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** When memory gets a shadow, and what the shadow is. */
class ShadowTest {

  private final MappedObjects memory = new MappedObjects();

  @AfterEach
  void check() {
    memory.kernel.check();
  }

  @Test
  void privateAnonymousMemoryNeedsNone() {
    VmObject object = memory.anonymous(4);

    assertThat(memory.objects.shadow(object, PAGE, 2 * PAGE))
        .isEqualTo(new VmObjects.Shadow(object, PAGE));
    assertThat(object.shadowCount()).isZero();
  }

  @Test
  void sharedMemoryGetsOneThatTakesOverTheCallersReference() {
    VmObject object = memory.anonymous(4);
    memory.objects.reference(object);

    VmObjects.Shadow shadow = memory.objects.shadow(object, PAGE, 2 * PAGE);

    assertThat(shadow.offset()).isZero();
    assertThat(shadow.object().size()).isEqualTo(2);
    assertThat(shadow.object().type()).isEqualTo(ObjectType.DEFAULT);
    assertThat(shadow.object().refCount()).isEqualTo(1);
    assertThat(shadow.object().backingObject()).isSameAs(object);
    assertThat(shadow.object().backingObjectOffset()).isEqualTo(PAGE);
    assertThat(object.refCount()).isEqualTo(2);
    assertThat(object.shadowCount()).isEqualTo(1);
    memory.map(shadow.object(), 2);
  }

  /** As upstream: parts of one mapping share the object, and still map each page once. */
  @Test
  void theObjectBehindKeepsItsOneMappingAndCountsTheChange() {
    VmObject object = memory.anonymous(4);
    int generation = object.generation();

    VmObject shadow = memory.shadowOf(object, 0, 2);

    assertThat(object.isOneMapping()).isTrue();
    assertThat(object.generation()).isEqualTo(generation + 1);
    memory.map(shadow, 2);
  }

  @Test
  void whatOthersFindByItsHandleGetsOneHoweverFewReferencesItHas() {
    ScriptedPager pager = new ScriptedPager(memory.kernel);
    VmObject file = memory.objects.allocate(ObjectType.VNODE, 4, pager, "file");
    VmObject swap = memory.objects.allocate(ObjectType.SWAP, 4, pager, "segment");

    assertThat(memory.objects.shadow(file, 0, PAGE).object().backingObject()).isSameAs(file);
    assertThat(memory.objects.shadow(swap, 0, PAGE).object().backingObject()).isSameAs(swap);
  }

  @Test
  void aPageHasTheColourOfThePageBehindIt() {
    VmObject object = memory.anonymous(4);

    VmObject shadow = memory.shadowOf(object, 3, 1);

    assertThat(shadow.pageColor()).isEqualTo((object.pageColor() + 3) & 63);
    memory.map(shadow, 1);
  }

  @Test
  void anyOfManyShadowsMayGoFirst() {
    VmObject object = memory.anonymous(1);
    VmObject[] shadows = new VmObject[4];
    for (int i = 0; i < shadows.length; i++) {
      shadows[i] = memory.shadowOf(object, 0, 1);
    }
    memory.map(object, 1);

    for (int i : new int[] {1, 3, 0}) {
      memory.objects.deallocate(shadows[i]);
      memory.kernel.check();
    }

    assertThat(object.shadowCount()).isEqualTo(1);
    assertThat(object.firstShadow()).isSameAs(shadows[2]);
  }
}
