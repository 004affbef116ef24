package dev.kmemu.vm;

import static dev.kmemu.vm.TestKernel.PAGE;
import static org.assertj.core.api.Assertions.assertThat;

import dev.kmemu.emulator.memory.VirtualAddress;
import dev.kmemu.vm.kern.KernReturn;
import dev.kmemu.vm.kern.VmProt;
import dev.kmemu.vm.map.MapInsertion;
import dev.kmemu.vm.map.MapType;
import dev.kmemu.vm.object.VmObject;
import org.junit.jupiter.api.Test;

/** An object that an insertion grew, but that needs another entry as attributes differ. */
class SharedExtensionTest {

  private final MappedObjects memory = new MappedObjects();

  @Test
  void theNewEntryReallyTakesTheObjectAndItsReference() {
    TestKernel kernel = memory.kernel;
    VmObject object = memory.anonymous(2);
    long va = memory.map(object, 2);
    try (var reservation = kernel.vm.maps().reserve().reserve()) {
      memory.map.lock();
      MapInsertion.Mapping mapping =
          new MapInsertion.Mapping(null, 0, MapType.NORMAL, VmProt.READ, VmProt.ALL, 0);
      kernel
          .vm
          .maps()
          .insertion()
          .insert(memory.map, reservation, mapping, va + 2 * PAGE, va + 4 * PAGE);
      memory.map.unlock();
    }

    assertThat(memory.map.nentries()).isEqualTo(2);
    assertThat(memory.map.first().next().object()).isSameAs(object);
    assertThat(memory.map.first().next().offset()).isEqualTo(2 * PAGE);
    assertThat(object.size()).isEqualTo(4);
    assertThat(object.refCount()).isEqualTo(2);
    assertThat(memory.read(va + 3 * PAGE)).isEqualTo(KernReturn.SUCCESS);
    kernel.check();

    kernel.vm.kmem().free(memory.map, new VirtualAddress(va), 2 * PAGE);
    assertThat(object.isDead()).as("the second entry still refers to it").isFalse();
    kernel.vm.kmem().free(memory.map, new VirtualAddress(va + 2 * PAGE), 2 * PAGE);
    assertThat(object.isDead()).as("nothing does").isTrue();
    kernel.check();
  }
}
