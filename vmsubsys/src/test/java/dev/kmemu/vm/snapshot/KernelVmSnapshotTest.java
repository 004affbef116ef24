package dev.kmemu.vm.snapshot;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.kmemu.emulator.cpu.TlbControl;
import dev.kmemu.emulator.memory.DirectMapping;
import dev.kmemu.emulator.memory.HostMapping;
import dev.kmemu.emulator.memory.PhysicalAddress;
import dev.kmemu.emulator.memory.PhysicalMemory;
import dev.kmemu.emulator.memory.RamImage;
import dev.kmemu.emulator.memory.VirtualAddress;
import dev.kmemu.emulator.snapshot.SnapshotException;
import dev.kmemu.emulator.snapshot.Snapshotable;
import dev.kmemu.emulator.snapshot.StateReader;
import dev.kmemu.emulator.snapshot.StateWriter;
import dev.kmemu.emulator.unicorn.AnonymousMapping;
import dev.kmemu.vm.KernelVm;
import dev.kmemu.vm.KernelVmConfig;
import dev.kmemu.vm.kern.KernelPanic;
import dev.kmemu.vm.kern.VmProt;
import dev.kmemu.vm.map.MapInsertion;
import dev.kmemu.vm.map.MapType;
import dev.kmemu.vm.map.VmMap;
import dev.kmemu.vm.map.VmMapEntry;
import dev.kmemu.vm.map.VmSpace;
import dev.kmemu.vm.object.ObjectType;
import dev.kmemu.vm.object.Pager;
import dev.kmemu.vm.object.PagerResult;
import dev.kmemu.vm.object.VmObject;
import dev.kmemu.vm.page.VmPage;
import dev.kmemu.vm.pager.SwapConfig;
import dev.kmemu.vm.pmap.ForwardingPmap;
import dev.kmemu.vm.pmap.standard.StandardPmap;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import org.junit.jupiter.api.Test;

class KernelVmSnapshotTest {

  private static final long MIB = 1L << 20;
  private static final KernelVmConfig CONFIG =
      KernelVmConfig.of(new PhysicalAddress(2 * MIB)).withSwap(new SwapConfig.Memory(64));

  private static KernelVm vm(HostMapping mapping) {
    return new KernelVm(new PhysicalMemory(mapping), TlbControl.none(), CONFIG);
  }

  private static KernelVm vm() {
    return vm(new DirectMapping(6 * MIB));
  }

  private static byte[] bytes(KernelVm vm) {
    StateWriter out = new StateWriter();
    vm.snapshots().capture().write(out);
    return out.toBytes();
  }

  private static void assertSame(List<String> actual, List<String> expected) {
    for (int i = 0; i < Math.min(actual.size(), expected.size()); i++) {
      assertThat(actual.get(i)).as("object %d", i).isEqualTo(expected.get(i));
    }
    assertThat(actual).hasSameSizeAs(expected);
  }

  @Property(tries = 12)
  void aRestoredVmIsTheSameInAllItsFieldsAndAnswersTheSame(
      @ForAll long before, @ForAll long after, @ForAll boolean mapped) {
    KernelVm vm = vm(mapped ? new AnonymousMapping(6 * MIB) : new DirectMapping(6 * MIB));
    RandomCalls.run(vm, before, 250);
    try (KernelVmSnapshot snapshot = KernelVmSnapshot.of(vm)) {
      List<String> graph = VmGraph.of(vm);
      byte[] bytes = bytes(vm);
      List<String> answers = RandomCalls.run(vm, after, 250);
      List<String> graphAfter = VmGraph.of(vm);
      for (int round = 0; round < 2; round++) {
        snapshot.restore();
        assertSame(VmGraph.of(vm), graph);
        assertThat(bytes(vm)).isEqualTo(bytes);
        assertThat(vm.check()).isEmpty();
        assertSame(RandomCalls.run(vm, after, 250), answers);
        assertSame(VmGraph.of(vm), graphAfter);
        assertThat(vm.check()).isEmpty();
      }
    }
  }

  @Property(tries = 8)
  void anotherVmThatReadsTheStateIsTheSameAndAnswersTheSame(
      @ForAll long before, @ForAll long after) {
    KernelVm vm = vm();
    RandomCalls.run(vm, before, 250);
    byte[] bytes = bytes(vm);
    List<String> graph = VmGraph.of(vm);
    KernelVm other = vm();
    RandomCalls.run(other, after, 50);
    copyRam(vm, other);
    Snapshotable.Captured read =
        other.snapshots().read(StateFormat.VERSION, new StateReader("vm", bytes));
    read.restore();
    assertThat(bytes(other)).isEqualTo(bytes);
    assertSame(VmGraph.of(other), graph);
    assertThat(other.check()).isEmpty();
    List<String> answers = RandomCalls.run(vm, after, 250);
    assertSame(RandomCalls.run(other, after, 250), answers);
    assertSame(VmGraph.of(other), VmGraph.of(vm));
    assertThat(other.check()).isEmpty();
  }

  private static void copyRam(KernelVm from, KernelVm to) {
    byte[] contents = new byte[VirtualAddress.PAGE_SIZE];
    try (RamImage image = from.ram().imaging().copy();
        RamImage.Builder builder = to.ram().imaging().newImage()) {
      for (long page = image.nextPage(0); page >= 0; page = image.nextPage(page + 1)) {
        image.read(page, contents, 0);
        builder.put(page, contents, 0);
      }
      to.ram().imaging().restore(builder.finish());
    }
  }

  @Test
  void whatTheVmHadIsTheSameObjectAfterwards() {
    KernelVm vm = vm();
    VmMap kernelMap = vm.kernelMap();
    VmSpace space = vm.spaces().alloc();
    long va = vm.kmem().alloc(kernelMap, 4096).orThrow().value();
    VmMapEntry entry = kernelMap.first();
    try (KernelVmSnapshot snapshot = KernelVmSnapshot.of(vm)) {
      vm.kmem().free(kernelMap, new VirtualAddress(va), 4096);
      vm.spaces().free(space);
      vm.spaces().alloc();
      snapshot.restore();
      assertThat(vm.kernelMap()).isSameAs(kernelMap);
      assertThat(kernelMap.first()).isSameAs(entry);
      assertThat(vm.spaces().live()).containsExactly(space);
      vm.spaces().free(space);
      assertThat(vm.check()).isEmpty();
    }
  }

  @Test
  void aPanicAfterTheSnapshotIsForgotten() {
    KernelVm vm = vm();
    try (KernelVmSnapshot snapshot = KernelVmSnapshot.of(vm)) {
      vm.panics().record(new KernelPanic("boom"));
      snapshot.restore();
      assertThat(vm.panics().first()).isEmpty();
    }
  }

  @Test
  void aSleeperIsNamedAndNothingIsCapturedOrRestored() throws InterruptedException {
    KernelVm vm = vm();
    Object channel =
        new Object() {
          @Override
          public String toString() {
            return "the channel";
          }
        };
    try (KernelVmSnapshot snapshot = KernelVmSnapshot.of(vm)) {
      long va = vm.kmem().alloc(vm.kernelMap(), 4096).orThrow().value();
      CountDownLatch begun = new CountDownLatch(1);
      vm.sleepQueue().observe((on, wmesg) -> begun.countDown());
      Thread sleeper =
          new Thread(() -> vm.sleepQueue().sleep(channel, "kmemw"), "a sleeping thread");
      sleeper.start();
      begun.await();
      while (vm.sleepQueue().sleepers().isEmpty()) {
        Thread.onSpinWait();
      }
      assertThatThrownBy(() -> KernelVmSnapshot.of(vm))
          .isInstanceOf(SnapshotException.class)
          .hasMessageContainingAll("a sleeping thread", "kmemw", "the channel", "try again");
      assertThatThrownBy(snapshot::restore).isInstanceOf(SnapshotException.class);
      assertThat(vm.pmap().extract(va)).isNotZero();
      vm.sleepQueue().wakeup(channel);
      sleeper.join();
      snapshot.restore();
      assertThat(vm.pmap().extract(va)).isZero();
    }
  }

  @Test
  void whoHoldsALockOrATokenIsNamed() throws InterruptedException {
    KernelVm vm = vm();
    vm.kernelMap().lock();
    assertThatThrownBy(() -> KernelVmSnapshot.of(vm))
        .isInstanceOf(SnapshotException.class)
        .hasMessageContainingAll(Thread.currentThread().getName(), "the lock of kernel_map");
    vm.kernelMap().unlock();
    CountDownLatch held = new CountDownLatch(1);
    CountDownLatch release = new CountDownLatch(1);
    Thread holder =
        new Thread(
            () -> {
              vm.tokens().vm().get();
              held.countDown();
              try {
                release.await();
              } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
              }
              vm.tokens().vm().release();
            },
            "a busy thread");
    holder.start();
    held.await();
    assertThatThrownBy(() -> KernelVmSnapshot.of(vm))
        .isInstanceOf(SnapshotException.class)
        .hasMessageContainingAll("a busy thread", "vm_token");
    release.countDown();
    holder.join();
    KernelVmSnapshot.of(vm).close();
  }

  @Test
  void theStateOfAnotherKindOfVmIsRefusedByWhatDiffers() {
    byte[] bytes = bytes(vm());
    KernelVm larger = vm(new DirectMapping(8 * MIB));
    byte[] before = bytes(larger);
    assertThatThrownBy(
            () -> larger.snapshots().read(StateFormat.VERSION, new StateReader("vm", bytes)))
        .isInstanceOf(SnapshotException.class)
        .hasMessageContainingAll("pages", "boot one like it");
    assertThat(bytes(larger)).isEqualTo(before);
  }

  @Test
  void aStateFromBeforePmapsHadNamesIsOneOfTheStandardPmap() {
    KernelVm vm = vm();
    vm.kmem().alloc(vm.kernelMap(), 4096).orThrow();
    byte[] named = bytes(vm);
    int name = 4 + StandardPmap.class.getName().length();
    byte[] unnamed = new byte[named.length - name];
    System.arraycopy(named, 0, unnamed, 0, 6 * Long.BYTES);
    System.arraycopy(named, 6 * Long.BYTES + name, unnamed, 6 * Long.BYTES, unnamed.length - 48);
    vm.kmem().alloc(vm.kernelMap(), 4096).orThrow();

    vm.snapshots().read(1, new StateReader("vm", unnamed)).restore();

    assertThat(bytes(vm)).isEqualTo(named);
  }

  @Test
  void theStateOfAVmWithAnotherPmapIsRefused() {
    byte[] bytes = bytes(vm());
    KernelVm other =
        new KernelVm(
            new PhysicalMemory(new DirectMapping(6 * MIB)),
            TlbControl.none(),
            CONFIG.withPmap(context -> new ForwardingPmap(new StandardPmap(context)) {}));
    assertThatThrownBy(
            () -> other.snapshots().read(StateFormat.VERSION, new StateReader("vm", bytes)))
        .isInstanceOf(SnapshotException.class)
        .hasMessageContainingAll("the pmap " + StandardPmap.class.getName(), "boot one like it");
  }

  @Test
  void anObjectThatOthersFindByAHandleStaysInMemory() {
    KernelVm vm = vm();
    VmObject object = vm.objects().allocate(ObjectType.PHYS, 1, new NoPager(), "the handle");
    vm.maps()
        .find(
            vm.kernelMap(),
            new MapInsertion.Mapping(object, 0, MapType.NORMAL, VmProt.READ, VmProt.ALL, 0),
            4096,
            1);
    try (KernelVmSnapshot snapshot = KernelVmSnapshot.of(vm)) {
      assertThatThrownBy(() -> bytes(vm))
          .isInstanceOf(SnapshotException.class)
          .hasMessageContaining("keep the snapshot in memory");
      snapshot.restore();
      assertThat(object.handle()).isEqualTo("the handle");
    }
  }

  private static final class NoPager implements Pager {
    @Override
    public boolean hasPage(VmObject object, long pindex) {
      return false;
    }

    @Override
    public PagerResult getPage(VmObject object, VmPage page) {
      return PagerResult.FAIL;
    }

    @Override
    public PagerResult putPage(VmObject object, VmPage page) {
      return PagerResult.ERROR;
    }

    @Override
    public void freeSpace(VmObject object, long first, long count) {}

    @Override
    public void deallocate(VmObject object) {}

    @Override
    public void handOver(VmObject from, VmObject to, long indexOffset) {}
  }
}
