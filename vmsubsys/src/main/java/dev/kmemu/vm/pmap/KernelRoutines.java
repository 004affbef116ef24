package dev.kmemu.vm.pmap;

import dev.kmemu.vm.kern.KernelPanic;
import dev.kmemu.vm.page.VmPage;
import java.util.List;

/**
 * The machine-dependent routines on kernel mappings that nobody accounts for, and on the kernel's
 * page tables. The mappings are readable and writable for ring 0, have neither {@link
 * PteBits#MANAGED} nor {@link PteBits#W}, and stale translations are gone when a routine returns.
 * But for {@link #growKernel} the caller owns the range and holds no token.
 */
public interface KernelRoutines {

  /**
   * {@code pmap_kenter}: maps {@code pa} at {@code va}, whatever was there.
   *
   * @throws KernelPanic without a page table
   */
  void kenter(long va, long pa);

  /** {@code pmap_kenter_sync}: makes the CPU see what was written to the entry by other means. */
  void kenterSync(long va);

  /** {@code pmap_kremove}: unmaps {@code va}, mapped or not. */
  void kremove(long va);

  /** {@code pmap_qenter}: maps wired pages one after the other. */
  void qenter(long va, List<VmPage> pages);

  /** {@code pmap_qremove}: unmaps {@code count} pages. */
  void qremove(long va, int count);

  /**
   * {@code pmap_mapdev}: maps {@code count} pages of physical memory that needn't be RAM.
   *
   * @param bits more bits of the entries, as {@link KernelEnter#UNCACHEABLE}
   */
  void mapDevice(long va, long pa, long count, long bits);

  /** Returns what a kernel address outside the direct map is mapped to, 0 when it isn't mapped. */
  long kextract(long va);

  /**
   * {@code pmap_growkernel}: makes page tables for [start, end) with {@link KernelTablePages#take}.
   * Below KERNBASE everything from {@link KernelTablePages#end} on gets them, and {@link
   * KernelTablePages#raise} moves the mark; above, only the range itself. The caller holds {@code
   * vm_token}.
   *
   * @throws KernelPanic when there is no page for a table
   */
  void growKernel(long start, long end);
}
