package dev.kmemu.testkit.junit;

import static org.assertj.core.api.Assertions.assertThat;

import dev.kmemu.emulator.cpu.Register;
import dev.kmemu.emulator.machine.Machine;
import dev.kmemu.emulator.memory.VirtualAddress;
import dev.kmemu.testkit.gdb.Gdb;
import dev.kmemu.testkit.guest.CpuFeature;
import dev.kmemu.testkit.guest.GuestCpu;
import dev.kmemu.testkit.guest.TestMachine;
import dev.kmemu.vm.KernelVm;
import dev.kmemu.vm.kmem.Kmem;
import dev.kmemu.vm.map.VmMap;
import dev.kmemu.vm.pmap.Pmap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.RepeatedTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInfo;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;

/** Every test gets a machine as new, of the kind it asks for. */
class FreshMachineTest {

  private static final List<String> HASHES = new CopyOnWriteArrayList<>();
  private static final Set<TestMachine> MACHINES = ConcurrentHashMap.newKeySet();

  @KmemuTest
  static class Repeated {
    private final KernelVm inConstructor;

    Repeated(KernelVm vm) {
      inConstructor = vm;
    }

    @BeforeEach
    void before(Machine machine) {
      HASHES.add(machine.stateHash());
    }

    @RepeatedTest(3)
    void allocates(KernelVm vm, GuestCpu guest, TestInfo info) {
      assertThat(vm).isSameAs(inConstructor).isSameAs(guest.vm());
      VirtualAddress kva = vm.kmem().alloc(vm.kernelMap(), 1 << 16).orThrow();
      guest.store(kva, 0x77);
      guest.set(Register.RBX, 5);
      assertThat(guest.history()).hasSize(1);
      assertThat(info.getDisplayName()).isNotEmpty();
    }

    @AfterEach
    void after(GuestCpu guest) {
      assertThat(guest.history()).isNotEmpty();
    }
  }

  @Test
  void eachTestBeginsInTheSameState() {
    HASHES.clear();
    assertThat(InnerRun.of(Repeated.class).failures()).isEmpty();
    assertThat(HASHES).hasSize(3).containsOnly(HASHES.get(0));
  }

  @KmemuTest
  @Ram("64M")
  @CpuFeatures(on = CpuFeature.SMEP, off = CpuFeature.PGE)
  static class Configured {
    @Test
    @Ram("16M")
    @Swap(pages = 8)
    void theMethodCountsBeforeTheClass(TestMachine machine) {
      assertThat(machine.vm().ram().size()).isEqualTo(16 << 20);
      assertThat(machine.vm().paging().pagers().swap()).isNotNull();
      assertThat(machine.configuration().features())
          .contains(CpuFeature.SMEP, CpuFeature.NX)
          .doesNotContain(CpuFeature.PGE);
    }

    @Test
    @KvaSubmaps(bufferBytes = 8 << 20, pagerBytes = 4 << 20)
    void submapsAreCarvedOut(KernelVm vm, GuestCpu guest) {
      assertThat(vm.ram().size()).isEqualTo(64 << 20);
      assertThat(vm.reports().entries(vm.kernelMap())).extracting("object").contains("clean_map");
      assertThat(guest.get(Register.CR4) & CpuFeature.SMEP.bit()).isNotZero();
    }

    @Nested
    class Inner {
      @Test
      void theClassAroundCounts(KernelVm vm) {
        assertThat(vm.ram().size()).isEqualTo(64 << 20);
      }
    }
  }

  @Test
  void annotationsSayWhatTheMachineIsLike() {
    InnerRun run = InnerRun.of(Configured.class);
    assertThat(run.failures()).isEmpty();
    assertThat(run.results()).hasSize(3);
  }

  @KmemuTest
  static class EveryType {
    @Test
    void allOfOneMachine(
        KernelVm vm,
        GuestCpu guest,
        Pmap pmap,
        Gdb gdb,
        Kmem kmem,
        VmMap map,
        Machine machine,
        TestMachine test) {
      assertThat(pmap).isSameAs(vm.pmap());
      assertThat(map).isSameAs(vm.kernelMap());
      assertThat(kmem).isSameAs(vm.kmem());
      assertThat(test.machine()).isSameAs(machine);
      VirtualAddress kva = kmem.alloc(map, 4096).orThrow();
      guest.store(kva, 0x1122);
      assertThat(gdb.readMemory(kva, 2)).containsExactly(0x22, 0x11);
    }
  }

  @Test
  void parametersOfEveryTypeAreOfOneMachine() {
    assertThat(InnerRun.of(EveryType.class).failures()).isEmpty();
  }

  private static final CyclicBarrier BOTH = new CyclicBarrier(2);

  @KmemuTest
  @Execution(ExecutionMode.CONCURRENT)
  static class Parallel {
    private static void meet(TestMachine machine) throws Exception {
      int unused = BOTH.await(20, TimeUnit.SECONDS);
      MACHINES.add(machine);
      VirtualAddress kva = machine.vm().kmem().alloc(machine.vm().kernelMap(), 4096).orThrow();
      machine.guest().store(kva, System.identityHashCode(machine));
      assertThat(machine.guest().load(kva).value()).isEqualTo(System.identityHashCode(machine));
    }

    @Test
    void one(TestMachine machine) throws Exception {
      meet(machine);
    }

    @Test
    void other(TestMachine machine) throws Exception {
      meet(machine);
    }
  }

  @Test
  void testsThatRunAtTheSameTimeHaveAMachineEach() {
    MACHINES.clear();
    InnerRun run =
        InnerRun.of(
            Parallel.class,
            Map.of(
                "junit.jupiter.execution.parallel.enabled", "true",
                "junit.jupiter.execution.parallel.config.strategy", "fixed",
                "junit.jupiter.execution.parallel.config.fixed.parallelism", "2"));
    assertThat(run.failures()).isEmpty();
    assertThat(MACHINES).hasSize(2);
  }
}
