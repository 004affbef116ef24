package dev.kmemu.vm.pmap;

import dev.kmemu.vm.kern.KernelPanic;
import dev.kmemu.vm.page.VmPage;
import java.util.List;

/**
 * {@code pmap_kenter} and its kin: kernel mappings that nobody accounts for. They must be removed
 * with {@link #kremove} or {@link #qremove} before their range is freed, or {@code resident_count}
 * drifts. Lock-free: the caller owns the range.
 */
public final class KernelEnter {

  /** {@code PG_N}: neither cached nor written back late. */
  public static final long UNCACHEABLE = PteBits.WRITE_THROUGH | PteBits.CACHE_DISABLE;

  private final KernelRoutines module;

  KernelEnter(KernelRoutines module) {
    this.module = module;
  }

  /** {@code pmap_kenter}: maps {@code pa} at {@code va}, whatever was there. */
  public void kenter(long va, long pa) {
    module.kenter(va, pa);
  }

  /** {@code pmap_kenter_quick}: the same, there being one CPU. */
  public void kenterQuick(long va, long pa) {
    module.kenter(va, pa);
  }

  /** {@code pmap_kenter_sync}: makes the CPU see what was written to the entry by other means. */
  public void kenterSync(long va) {
    module.kenterSync(va);
  }

  /** {@code pmap_kenter_sync_quick}: the same, there being one CPU. */
  public void kenterSyncQuick(long va) {
    module.kenterSync(va);
  }

  /** {@code pmap_kremove}. */
  public void kremove(long va) {
    module.kremove(va);
  }

  /** {@code pmap_kremove_quick}: the same, there being one CPU. */
  public void kremoveQuick(long va) {
    module.kremove(va);
  }

  /** {@code pmap_qenter}: maps wired pages one after the other. */
  public void qenter(long va, List<VmPage> pages) {
    module.qenter(va, pages);
  }

  /** {@code pmap_qenter2}: the same; the CPUs that needn't be told are none here. */
  public void qenter2(long va, List<VmPage> pages) {
    module.qenter(va, pages);
  }

  /** Maps {@code count} pages of physical memory that needn't be RAM, for {@code pmap_mapdev}. */
  public void enterDevice(long va, long pa, long count, long bits) {
    module.mapDevice(va, pa, count, bits);
  }

  /**
   * {@code pmap_kextract}, {@code vtophys}: arithmetic for the direct map, else what the tables
   * say.
   *
   * @throws KernelPanic when {@code va} isn't mapped, which upstream leaves undefined
   */
  public long kextract(long va) {
    if (KvaLayout.isDmap(va)) {
      return KvaLayout.dmapToPhys(va);
    }
    long pa = module.kextract(va);
    if (pa == 0) {
      throw KernelPanic.at("pmap_kextract: not mapped", va);
    }
    return pa;
  }

  /** {@code pmap_qremove}. */
  public void qremove(long va, int count) {
    module.qremove(va, count);
  }
}
