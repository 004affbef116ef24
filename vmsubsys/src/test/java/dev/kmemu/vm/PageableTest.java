package dev.kmemu.vm;

import static dev.kmemu.vm.TestKernel.PAGE;
import static dev.kmemu.vm.TestKernel.kva;
import static org.assertj.core.api.Assertions.assertThat;

import dev.kmemu.vm.kern.VmCounter;
import dev.kmemu.vm.kmem.KmemResult;
import dev.kmemu.vm.map.EntryFlags;
import dev.kmemu.vm.map.VmMapEntry;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Ranges without pages: {@code kmem_alloc_pageable} and {@code kmem_alloc_nofault}. */
class PageableTest {

  private final TestKernel kernel = TestKernel.small();

  private long pageable(long size) {
    return kernel.vm.kmem().allocPageable(kernel.map(), size).orThrow().value();
  }

  private long nofault(long size, long align) {
    return kernel.vm.kmem().allocNofault(kernel.map(), size, align).orThrow().value();
  }

  @Test
  void nothingButTheMapChanges() {
    var before = kernel.vm.reports().counters();

    long va = pageable(3 * PAGE);

    assertThat(kernel.vm.reports().counters()).isEqualTo(before);
    assertThat(kernel.vm.pmap().extract(va)).isZero();
    VmMapEntry entry = kernel.map().first();
    assertThat(entry.wiredCount()).isZero();
    assertThat(entry.eflags()).isZero();
    assertThat(entry.object()).isNull();
    kernel.check();
  }

  @Test
  void neighboursOfOneKindFuse() {
    pageable(PAGE);
    pageable(PAGE);
    nofault(PAGE, PAGE);
    nofault(PAGE, PAGE);

    assertThat(kernel.map().nentries()).isEqualTo(3);
    assertThat(kernel.entries(kernel.map()).get(1).eflags()).isEqualTo(EntryFlags.NOFAULT);
    kernel.check();
  }

  @ParameterizedTest
  @ValueSource(longs = {1, 2048, PAGE, 3 * PAGE, 5 * PAGE, 16 * PAGE})
  void alignmentIsKept(long align) {
    pageable(PAGE);

    long va = nofault(PAGE, align);

    assertThat(Long.remainderUnsigned(va, align)).isZero();
    assertThat(Long.compareUnsigned(va, kva(1))).isNotNegative();
    assertThat(va - kva(1)).as("the lowest such address").isLessThan(Math.max(align, PAGE));
    kernel.check();
  }

  @Test
  void alignmentZeroIsRefused() {
    assertThat(kernel.vm.kmem().allocNofault(kernel.map(), PAGE, 0))
        .isEqualTo(new KmemResult.InvalidAlignment(0));
  }

  @Test
  void pagesMappedByHandAreNeverAccounted() {
    long va = nofault(PAGE, PAGE);
    long pa = kernel.vm.pages().get(7).physAddr();

    kernel.vm.kernelEnter().kenter(va, pa);
    assertThat(kernel.vm.pmap().extract(va + 5)).isEqualTo(pa + 5);
    assertThat(kernel.residentCount()).isZero();
    kernel.vm.kernelEnter().kremove(va);
    kernel.free(va, PAGE);

    assertThat(kernel.vm.pmap().extract(va)).isZero();
    assertThat(kernel.counter(VmCounter.WIRE_COUNT)).isZero();
    kernel.check();
  }

  @Test
  void forgettingToRemoveAHandMadeMappingMiscountsResidents() {
    long wired = kernel.alloc(2 * PAGE);
    long va = nofault(PAGE, PAGE);
    kernel.vm.kernelEnter().kenter(va, kernel.vm.pages().get(7).physAddr());

    kernel.free(va, PAGE);

    assertThat(kernel.residentCount()).isEqualTo(1);
    assertThat(kernel.vm.check())
        .anySatisfy(violation -> assertThat(violation.invariant()).isEqualTo("V1"));
    assertThat(kernel.vm.pmap().extract(wired)).isNotZero();
  }
}
