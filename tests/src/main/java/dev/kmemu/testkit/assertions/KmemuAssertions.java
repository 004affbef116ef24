package dev.kmemu.testkit.assertions;

import dev.kmemu.testkit.guest.GuestCpu;
import dev.kmemu.testkit.guest.GuestRun;
import dev.kmemu.vm.KernelVm;
import dev.kmemu.vm.pmap.Pmap;

/**
 * Where assertions begin. To be imported statically, beside AssertJ's own.
 *
 * <pre>{@code
 * assertThat(guest).load(kva).isZero();
 * assertThat(guest).store(kva).faults(notPresent().write().supervisor());
 * assertThat(guest.user(space)).fetch(va).faults(protection().nx());
 * pmap(vm).maps(kva).to(pa).writable().accessed();
 * vm(vm).wiredAt(kva);
 * }</pre>
 */
public final class KmemuAssertions {

  private KmemuAssertions() {}

  /** Begins assertions on what the CPU sees. */
  public static GuestCpuAssert assertThat(GuestCpu guest) {
    return new GuestCpuAssert(guest);
  }

  /** Begins assertions on how a program ended. */
  public static GuestRunAssert assertThat(GuestRun run) {
    return new GuestRunAssert(run);
  }

  /** Begins assertions on the kernel VM. */
  public static KernelVmAssert assertThat(KernelVm vm) {
    return new KernelVmAssert(vm);
  }

  /** Begins assertions on the kernel VM; reads better than {@link #assertThat(KernelVm)}. */
  public static KernelVmAssert vm(KernelVm vm) {
    return new KernelVmAssert(vm);
  }

  /** Begins assertions on {@code kernel_pmap}. */
  public static PmapAssert pmap(KernelVm vm) {
    return new PmapAssert(vm, vm.pmap());
  }

  /** Begins assertions on a physical map of {@code vm}. */
  public static PmapAssert pmap(KernelVm vm, Pmap pmap) {
    return new PmapAssert(vm, pmap);
  }
}
