package dev.kmemu.testkit.assertions;

import dev.kmemu.emulator.memory.VirtualAddress;
import dev.kmemu.vm.KernelVm;
import dev.kmemu.vm.pmap.Pmap;
import java.util.function.LongSupplier;
import org.assertj.core.api.AbstractAssert;

/** Assertions on the page tables of a physical map, as a CPU walks them. */
public final class PmapAssert extends AbstractAssert<PmapAssert, Pmap> {

  private final KernelVm vm;

  PmapAssert(KernelVm vm, Pmap pmap) {
    super(pmap, PmapAssert.class);
    this.vm = vm;
  }

  /** Verifies that an address has a translation, and goes on to it. */
  public MappingAssert maps(VirtualAddress address) {
    MappingAssert mapping = new MappingAssert(new Mapping(vm, actual, address));
    return mapping.isPresent();
  }

  /** Verifies that an address has a translation, and goes on to it. */
  public MappingAssert maps(long va) {
    return maps(new VirtualAddress(va));
  }

  /** Verifies that an address has no translation. */
  public PmapAssert doesNotMap(VirtualAddress address) {
    new MappingAssert(new Mapping(vm, actual, address)).isAbsent();
    return this;
  }

  /** Verifies that an address has no translation. */
  public PmapAssert doesNotMap(long va) {
    return doesNotMap(new VirtualAddress(va));
  }

  /** Verifies {@code pm_stats.resident_count}, which counts tables of user maps too. */
  public PmapAssert hasResidentPages(long count) {
    return counts("resident_count", count, vmToken(actual.statistics()::residentCount));
  }

  /** Verifies {@code pm_stats.wired_count}. */
  public PmapAssert hasWiredPages(long count) {
    return counts("wired_count", count, vmToken(actual.statistics()::wiredCount));
  }

  /** Verifies the number of PV entries. */
  public PmapAssert hasPvEntries(int count) {
    return counts("the number of PV entries", count, actual.pvCount());
  }

  private PmapAssert counts(String what, long expected, long found) {
    if (found != expected) {
      throw failure("%nExpecting %s of %s to be %d%nbut was: %d", what, actual, expected, found);
    }
    return this;
  }

  private long vmToken(LongSupplier counter) {
    vm.tokens().vm().get();
    try {
      return counter.getAsLong();
    } finally {
      vm.tokens().vm().release();
    }
  }
}
