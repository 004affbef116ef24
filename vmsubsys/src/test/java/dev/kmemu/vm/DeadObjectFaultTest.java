package dev.kmemu.vm;

import static org.assertj.core.api.Assertions.assertThat;

import dev.kmemu.vm.kern.KernReturn;
import dev.kmemu.vm.object.VmObject;
import org.junit.jupiter.api.Test;

/** A fault on an object that has ended; an entry that refers to one breaks the invariants. */
class DeadObjectFaultTest {

  private final MappedObjects memory = new MappedObjects();

  @Test
  void theFaultFailsAndLeavesNothingLocked() {
    VmObject object = memory.anonymous(1);
    VmObject shadow = memory.shadowOf(object, 0, 1);
    long va = memory.map(object, 1);
    long shadowVa = memory.map(shadow, 1);
    memory.objects.deallocate(shadow);
    memory.objects.deallocate(object);
    assertThat(object.isDead()).isTrue();

    assertThat(memory.read(va)).isEqualTo(KernReturn.PROTECTION_FAILURE);
    assertThat(memory.write(shadowVa)).isEqualTo(KernReturn.PROTECTION_FAILURE);

    memory.map.lock();
    memory.map.unlock();
    assertThat(object.residentPageCount()).isZero();
  }
}
