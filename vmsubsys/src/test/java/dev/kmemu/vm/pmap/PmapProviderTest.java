package dev.kmemu.vm.pmap;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.kmemu.emulator.cpu.TlbControl;
import dev.kmemu.emulator.memory.DirectMapping;
import dev.kmemu.emulator.memory.PhysicalAddress;
import dev.kmemu.emulator.memory.PhysicalMemory;
import dev.kmemu.vm.KernelVm;
import dev.kmemu.vm.KernelVmConfig;
import dev.kmemu.vm.kern.StateExchange;
import dev.kmemu.vm.page.VmPage;
import dev.kmemu.vm.pmap.standard.StandardPmap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** A pmap of the tester's: how it gets under the VM, and what it is told. */
class PmapProviderTest {

  /** Counts, and fails on demand. */
  public static final class Counting implements PmapProvider {
    static int enters;

    /** What a loader needs. */
    public Counting() {}

    @Override
    public PmapModule create(PmapContext context) {
      return new CountingPmap(new StandardPmap(context));
    }
  }

  private static final class CountingPmap extends ForwardingPmap {
    private long kept;

    CountingPmap(PmapModule target) {
      super(target);
    }

    @Override
    public void enter(Pmap pmap, long va, VmPage page, int prot, boolean wired) {
      Counting.enters++;
      kept++;
      super.enter(pmap, va, page, prot, wired);
    }

    @Override
    public void exchange(StateExchange state) {
      kept = state.exchange(kept);
    }
  }

  /** Can't be made by its name. */
  public static final class WithParameter implements PmapProvider {
    /** Wants something. */
    public WithParameter(int something) {
      assertThat(something).isZero();
    }

    @Override
    public PmapModule create(PmapContext context) {
      return new StandardPmap(context);
    }
  }

  /** Fails when it is made. */
  public static final class Failing implements PmapProvider {
    /** Always throws. */
    public Failing() {
      throw new IllegalStateException("no licence");
    }

    @Override
    public PmapModule create(PmapContext context) {
      return new StandardPmap(context);
    }
  }

  private static KernelVm boot(PmapProvider provider) {
    return new KernelVm(
        new PhysicalMemory(new DirectMapping(16L << 20)),
        TlbControl.none(),
        KernelVmConfig.of(new PhysicalAddress(1L << 20)).withPmap(provider));
  }

  @Test
  void theKernelRunsOnThePmapOfItsConfiguration() {
    Counting.enters = 0;
    KernelVm vm = boot(PmapProviderLoader.load(Counting.class.getName()));

    vm.kmem().alloc(vm.kernelMap(), 3 * 4096).orThrow();

    assertThat(Counting.enters).isEqualTo(3);
    assertThat(vm.pmapModule()).isInstanceOf(CountingPmap.class);
    assertThat(vm.check()).isEmpty();
  }

  @Test
  void anImplementationsOwnStateGoesIntoSnapshots() {
    KernelVm vm = boot(new Counting());
    vm.kmem().alloc(vm.kernelMap(), 3 * 4096).orThrow();
    CountingPmap pmap = (CountingPmap) vm.pmapModule();
    var captured = vm.snapshots().capture();
    vm.kmem().alloc(vm.kernelMap(), 4096).orThrow();
    assertThat(pmap.kept).isEqualTo(4);

    captured.restore();

    assertThat(pmap.kept).isEqualTo(3);
  }

  @Test
  void aConfigurationKeepsItsPmapWhenOtherThingsChange() {
    PmapProvider provider = new Counting();

    KernelVmConfig config =
        KernelVmConfig.of(new PhysicalAddress(1L << 20)).withPmap(provider).withCpus(2);

    assertThat(config.pmap()).isSameAs(provider);
  }

  @ParameterizedTest
  @CsvSource({
    "no.such.Pmap, put it on the class path",
    "java.lang.String, doesn't implement dev.kmemu.vm.pmap.PmapProvider",
    "dev.kmemu.vm.pmap.PmapProvider, must be public and not abstract",
    "dev.kmemu.vm.pmap.PmapProviderTest$WithParameter, needs a public constructor without",
    "dev.kmemu.vm.pmap.PmapProviderTest$Failing, no licence",
  })
  void aClassThatCantBeOneIsRefusedWithTheReason(String name, String reason) {
    assertThatThrownBy(() -> PmapProviderLoader.load(name))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageStartingWith("pmap class " + name + " ")
        .hasMessageContaining(reason);
  }
}
