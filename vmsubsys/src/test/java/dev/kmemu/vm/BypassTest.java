package dev.kmemu.vm;

import static dev.kmemu.vm.TestKernel.PAGE;
import static org.assertj.core.api.Assertions.assertThat;

import dev.kmemu.vm.object.ObjectType;
import dev.kmemu.vm.object.VmObject;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** A backing object that others use is left out of the chain once nothing shows through. */
class BypassTest {

  private final MappedObjects memory = new MappedObjects();
  private final VmObject bottom = memory.anonymous(8);
  private final VmObject middle = memory.shadowOf(bottom, 1, 6);
  private final VmObject top = memory.shadowOf(middle, 2, 3);

  /** The page of the bottom that is seen through the first page of the top. */
  private static final int SHOWING = 3;

  BypassTest() {
    memory.map(bottom, 8);
    memory.map(middle, 6);
    memory.map(top, 3);
    memory.put(bottom, SHOWING, 9);
  }

  @AfterEach
  void check() {
    memory.kernel.check();
  }

  @Test
  void anObjectThatIsHiddenWhollyIsLeftOut() {
    memory.put(middle, 3, 1);
    memory.put(top, 1, 2);

    memory.objects.collapse(top);

    assertThat(top.backingObject()).isSameAs(bottom);
    assertThat(top.backingObjectOffset()).isEqualTo(3 * PAGE);
    assertThat(bottom.shadowCount()).isEqualTo(2);
    assertThat(bottom.refCount()).isEqualTo(3);
    assertThat(middle.shadowCount()).isZero();
    assertThat(middle.refCount()).isEqualTo(1);
    assertThat(middle.isOneMapping()).isTrue();
  }

  @Test
  void onePageThatShowsThroughKeepsItInTheChain() {
    memory.put(middle, 3, 1);

    memory.objects.collapse(top);

    assertThat(top.backingObject()).isSameAs(middle);
  }

  @Test
  void anInvalidPageOfTheObjectHidesNothing() {
    memory.put(middle, 3, 1);
    memory.locked(() -> memory.put(top, 1, 2).setValid(false));

    memory.objects.collapse(top);

    assertThat(top.backingObject()).isSameAs(middle);
    memory.locked(() -> memory.page(top, 1).setValid(true));
  }

  @Test
  void pagesOutsideTheObjectDoNotMatter() {
    memory.put(middle, 1, 1);
    memory.put(middle, 5, 1);

    memory.objects.collapse(top);

    assertThat(top.backingObject()).isSameAs(bottom);
  }

  @Test
  void whatIsPagedOutMayShowThrough() {
    middle.setPager(ObjectType.SWAP, new ScriptedPager(memory.kernel));

    memory.objects.collapse(top);

    assertThat(top.backingObject()).isSameAs(middle);
  }

  @Test
  void aPageThatTheObjectHasPagedOutHides() {
    ScriptedPager pager = new ScriptedPager(memory.kernel);
    top.setPager(ObjectType.SWAP, pager);
    pager.put(top, 1, 2);
    memory.put(middle, 3, 1);

    memory.objects.collapse(top);

    assertThat(top.backingObject()).isSameAs(bottom);
  }

  /** The reference that goes may be the last but one of the object that is left out. */
  @Test
  void theObjectLeftOutGoesIntoTheOnlyOtherShadow() {
    VmObject shared = memory.anonymous(2);
    memory.put(shared, 0, 10);
    VmObject one = memory.shadowOf(shared, 0, 2);
    VmObject other = memory.shadowOf(shared, 0, 2);
    memory.objects.deallocate(shared);
    memory.put(one, 0, 20);
    memory.map(one, 2);
    memory.map(other, 2);

    memory.objects.collapse(one);

    assertThat(one.backingObject()).isNull();
    assertThat(shared.isDead()).isTrue();
    assertThat(other.backingObject()).isNull();
    assertThat(memory.word(other, 0)).isEqualTo(10);
    assertThat(memory.word(one, 0)).isEqualTo(20);
  }
}
