package dev.kmemu.vm;

import static dev.kmemu.vm.TestKernel.PAGE;
import static org.assertj.core.api.Assertions.assertThat;

import dev.kmemu.emulator.memory.VirtualAddress;
import dev.kmemu.vm.kern.VmCounter;
import dev.kmemu.vm.object.VmObject;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Chains so long that a routine which called itself for each object would run out of stack. */
@Timeout(60)
class LongShadowChainTest {

  private static final int LENGTH = 10_000;

  private final MappedObjects memory = new MappedObjects();
  private final TestKernel kernel = memory.kernel;
  private final long free = kernel.counter(VmCounter.FREE_COUNT);

  /** From the bottom up; nothing is in them, and only the one before refers to each. */
  private final List<VmObject> chain = new ArrayList<>();

  @AfterEach
  void everythingIsGivenBack() {
    assertThat(kernel.counter(VmCounter.FREE_COUNT)).isEqualTo(free);
    kernel.check();
  }

  /** Paging keeps the objects apart while the chain grows. */
  private VmObject grow() {
    VmObject top = memory.anonymous(4);
    chain.add(top);
    for (int i = 1; i < LENGTH; i++) {
      VmObject behind = top;
      top = memory.shadowOf(behind, 0, 4);
      memory.busy(memory.put(behind, 3, i));
      memory.objects.deallocate(behind);
      memory.locked(() -> kernel.vm.allocator().free(memory.page(behind, 3)));
      chain.add(top);
    }
    assertThat(top.backingObject()).isSameAs(chain.get(LENGTH - 2));
    return top;
  }

  @Test
  void theLastReferenceEndsAllOfIt() {
    memory.objects.deallocate(grow());

    assertThat(chain).allMatch(VmObject::isDead);
  }

  @Test
  void aCollapseTakesAllOfItIn() {
    VmObject top = grow();
    memory.put(chain.get(0), 1, 42);

    memory.objects.collapse(top);

    assertThat(top.backingObject()).isNull();
    assertThat(memory.word(top, 1)).isEqualTo(42);
    memory.objects.deallocate(top);
  }

  /** Each of the two passes an object by and so leaves it to the other, turn by turn. */
  @Test
  void twoShadowsThatPassEveryObjectByInTurnEndAllOfIt() {
    VmObject behind = grow();
    VmObject one = memory.shadowOf(behind, 0, 4);
    VmObject other = memory.shadowOf(behind, 0, 4);
    memory.objects.deallocate(behind);

    memory.objects.collapse(one);

    assertThat(one.backingObject()).isNull();
    assertThat(other.backingObject()).isNull();
    assertThat(chain).allMatch(VmObject::isDead);
    memory.map(one, 4);
    memory.map(other, 4);
    kernel.vm.kmem().free(memory.map, new VirtualAddress(memory.map.min()), 8 * PAGE);
  }
}
