package dev.kmemu.conformance;

import static dev.kmemu.conformance.GuestView.FAULT;
import static dev.kmemu.conformance.TestedKernel.PAGE;
import static org.assertj.core.api.Assertions.assertThat;

import dev.kmemu.testkit.UserSpace;
import dev.kmemu.vm.page.VmPage;
import dev.kmemu.vm.pmap.KernelEnter;
import dev.kmemu.vm.pmap.PteBits;
import java.util.List;
import org.junit.jupiter.api.Test;

/** That changes by {@code pmap_kenter} and its kin are seen by a CPU with an old translation. */
public interface StaleKernelEnterChecks extends ConformanceChecks {

  private void requireSeen(String routine, boolean mapped, Change change) {
    onKernel(
        k -> {
          long va = k.kva(4);
          List<VmPage> pages = List.of(k.page(), k.page(), k.page());
          k.vm().kernelEnter().qenter(va, pages);
          VmPage other = k.page();
          assertThat(k.ring0().loadAgainAfter(va + PAGE, () -> change.apply(k, va + PAGE, other)))
              .as("a load that is repeated after %s (TLB not flushed?)", routine)
              .isEqualTo(mapped ? k.word(other) : FAULT);
          k.vm().kernelEnter().qremove(va, 3);
        });
  }

  /** What changes the second of three mappings. */
  @FunctionalInterface
  interface Change {
    /** Changes it. */
    void apply(TestedKernel kernel, long va, VmPage other);
  }

  @Test
  default void aKenterOverAMappingIsSeenAtOnce() {
    requireSeen(
        "pmap_kenter",
        true,
        (k, va, other) -> {
          k.vm().kernelEnter().kenter(va, other.physAddr());
        });
  }

  @Test
  default void aQuickKenterOverAMappingIsSeenAtOnce() {
    requireSeen(
        "pmap_kenter_quick",
        true,
        (k, va, other) -> {
          k.vm().kernelEnter().kenterQuick(va, other.physAddr());
        });
  }

  @Test
  default void aKremovedPageIsntReadThroughTheTlb() {
    requireSeen(
        "pmap_kremove",
        false,
        (k, va, other) -> {
          k.vm().kernelEnter().kremove(va);
        });
  }

  @Test
  default void aQremovedPageIsntReadThroughTheTlb() {
    requireSeen(
        "pmap_qremove",
        false,
        (k, va, other) -> {
          k.vm().kernelEnter().qremove(va - PAGE, 3);
        });
  }

  @Test
  default void aPageKremovedAndKenteredAnewIsSeenAtOnce() {
    requireSeen(
        "pmap_kremove and pmap_kenter",
        true,
        (k, va, other) -> {
          k.vm().kernelEnter().kremove(va);
          k.vm().kernelEnter().kenter(va, other.physAddr());
        });
  }

  @Test
  default void aQenterOverMappingsIsSeenAtOnce() {
    requireSeen(
        "pmap_qenter",
        true,
        (k, va, other) -> {
          k.vm().kernelEnter().qenter(va - PAGE, List.of(other, other, other));
        });
  }

  @Test
  default void aDeviceMappedOverAMappingIsSeenAtOnce() {
    requireSeen(
        "pmap_mapdev",
        true,
        (k, va, other) -> {
          k.vm().kernelEnter().enterDevice(va, other.physAddr(), 1, KernelEnter.UNCACHEABLE);
        });
  }

  @Test
  default void anEntryWrittenByHandIsSeenAfterKenterSync() {
    requireSeen(
        "pmap_kenter_sync",
        true,
        (k, va, other) -> {
          var tables = k.kernelPmap().tables();
          tables.exchange(
              dev.kmemu.vm.pmap.PageTables.pteAddress(tables.pde(va), va),
              other.physAddr() | PteBits.V | PteBits.RW);
          k.vm().kernelEnter().kenterSync(va);
        });
  }

  @Test
  default void aKremovedPageIsntReadThroughTheTlbOnAUsersTables() {

    onKernel(
        k -> {
          UserSpace space = k.space();
          long va = k.kva(1);
          k.vm().kernelEnter().kenter(va, k.page().physAddr());
          assertThat(k.ring0In(space).loadAgainAfter(va, () -> k.vm().kernelEnter().kremove(va)))
              .as(
                  "a load at CPL 0 on a user's tables, repeated after pmap_kremove (TLB not flushed?)")
              .isEqualTo(FAULT);
        });
  }
}
