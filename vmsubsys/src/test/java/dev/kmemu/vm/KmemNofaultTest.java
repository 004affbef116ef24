package dev.kmemu.vm;

import static dev.kmemu.vm.TestKernel.PAGE;
import static org.assertj.core.api.Assertions.assertThat;

import dev.kmemu.emulator.memory.VirtualAddress;
import dev.kmemu.vm.kmem.KmemSubmap;
import dev.kmemu.vm.map.EntryFlags;
import dev.kmemu.vm.map.VmMapEntry;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** What {@code kmem_alloc_nofault} and {@code kmem_alloc_pageable} leave in a map. */
class KmemNofaultTest {

  private final TestKernel kernel = TestKernel.small();

  @AfterEach
  void check() {
    kernel.check();
  }

  @Test
  void theEntryHasTheNofaultFlagAndNoOther() {
    long before = kernel.map().size();

    long va = kernel.vm.kmem().allocNofault(kernel.map(), 2 * PAGE - 1, PAGE).orThrow().value();

    VmMapEntry entry = kernel.map().first();
    assertThat(entry.start()).isEqualTo(va);
    assertThat(entry.eflags()).isEqualTo(EntryFlags.NOFAULT);
    assertThat(entry.wiredCount()).isZero();
    assertThat(kernel.map().size() - before).isEqualTo(2 * PAGE);
  }

  @Test
  void aClippedEntryOfASubmapHasNoObject() {
    KmemSubmap clean = kernel.vm.kmem().suballoc(kernel.map(), "clean_map", 8 * PAGE);
    VirtualAddress va = kernel.vm.kmem().allocNofault(clean.map(), 3 * PAGE, PAGE).orThrow();

    kernel.vm.kmem().free(clean.map(), va.plus(PAGE), PAGE);

    assertThat(kernel.entries(clean.map()))
        .hasSize(2)
        .allMatch(entry -> entry.object() == null)
        .allMatch(entry -> entry.eflags() == EntryFlags.NOFAULT);
  }
}
