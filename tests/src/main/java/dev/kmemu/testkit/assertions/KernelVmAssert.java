package dev.kmemu.testkit.assertions;

import dev.kmemu.emulator.memory.VirtualAddress;
import dev.kmemu.testkit.guest.KernelMapText;
import dev.kmemu.vm.KernelVm;
import dev.kmemu.vm.check.Violation;
import dev.kmemu.vm.page.VmPage;
import dev.kmemu.vm.pmap.PteBits;
import dev.kmemu.vm.report.MapEntryReport;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;
import org.assertj.core.api.AbstractAssert;

/** Assertions on the kernel VM. */
public final class KernelVmAssert extends AbstractAssert<KernelVmAssert, KernelVm> {

  KernelVmAssert(KernelVm vm) {
    super(vm, KernelVmAssert.class);
  }

  /**
   * Verifies that memory is wired there, in all three places: the entry of the kernel map, the
   * mapping ({@code PG_W}), and the page ({@code wire_count}).
   */
  public KernelVmAssert wiredAt(VirtualAddress kva) {
    Mapping mapping = new Mapping(actual, actual.pmap(), kva);
    verify(entry(kva).filter(e -> e.wiredCount() > 0).isPresent(), kva, mapping, "a wired entry");
    boolean leaf = mapping.mapped().isPresent() && (mapping.leaf() & PteBits.W) != 0;
    verify(leaf, kva, mapping, "a wired mapping");
    VmPage page = actual.pages().find(mapping.leaf() & PteBits.FRAME);
    verify(page != null && page.wireCount() > 0, kva, mapping, "a wired page");
    return this;
  }

  /** Verifies that memory is wired there. */
  public KernelVmAssert wiredAt(long kva) {
    return wiredAt(new VirtualAddress(kva));
  }

  /** Verifies that an entry of the kernel map holds the address. */
  public KernelVmAssert hasEntryAt(VirtualAddress kva) {
    verify(entry(kva).isPresent(), kva, new Mapping(actual, actual.pmap(), kva), "an entry");
    return this;
  }

  /** Verifies that no entry of the kernel map holds the address, and that nothing is mapped. */
  public KernelVmAssert freeAt(VirtualAddress kva) {
    Mapping mapping = new Mapping(actual, actual.pmap(), kva);
    verify(entry(kva).isEmpty(), kva, mapping, "no entry");
    verify(mapping.mapped().isEmpty(), kva, mapping, "no mapping");
    return this;
  }

  /** Verifies that all invariants of the VM hold; no call may be in progress. */
  public KernelVmAssert isConsistent() {
    List<Violation> violations = actual.check();
    if (!violations.isEmpty()) {
      throw failure(
          "%s",
          violations.stream()
              .map(violation -> "\n  " + violation)
              .collect(Collectors.joining("", "\nExpecting all invariants to hold, but:", "\n")));
    }
    return this;
  }

  /**
   * Verifies a counter.
   *
   * @param name upstream's, such as {@code v_wire_count}
   */
  public KernelVmAssert hasCounter(String name, long value) {
    Long found = actual.reports().counters().get(name);
    if (found == null) {
      throw new IllegalArgumentException(
          "there is no counter " + name + "; there are " + actual.reports().counters().keySet());
    }
    if (found != value) {
      throw failure("%nExpecting %s to be %d%nbut was: %d", name, value, found);
    }
    return this;
  }

  private Optional<MapEntryReport> entry(VirtualAddress kva) {
    return actual.reports().entries(actual.kernelMap()).stream()
        .filter(entry -> holds(entry, kva.value()))
        .findFirst();
  }

  private static boolean holds(MapEntryReport entry, long va) {
    return Long.compareUnsigned(entry.start().value(), va) <= 0
        && Long.compareUnsigned(va, entry.end().value()) < 0;
  }

  private void verify(boolean holds, VirtualAddress kva, Mapping mapping, String expected) {
    if (!holds) {
      throw failure(
          "%s",
          "\nExpecting "
              + expected
              + " at "
              + kva
              + ":\n\n"
              + mapping.walk()
              + "\nThe kernel map:\n"
              + KernelMapText.of(actual, kva));
    }
  }
}
