package dev.kmemu.vm.kmem;

import dev.kmemu.vm.map.VmMap;

/**
 * The submaps that {@code cpu_startup} ({@code sys/platform/pc64/x86_64/machdep.c}) makes.
 *
 * @param clean {@code clean_map}: holds the other two and room of its own; not a system map
 * @param buffer {@code buffer_map}: KVA of the buffer cache; a system map
 * @param pager {@code pager_map}: KVA of transfers by pagers; a system map
 */
public record KernelSubmaps(KmemSubmap clean, KmemSubmap buffer, KmemSubmap pager) {

  /**
   * Carves the submaps out of {@code kernelMap}; {@code clean_map} gets the buffer cache's size
   * twice, as upstream gives it.
   *
   * @throws dev.kmemu.vm.kern.KernelPanic when there is no room, or a size is 0
   */
  public static KernelSubmaps cpuStartup(
      Kmem kmem, VmMap kernelMap, long bufferBytes, long pagerBytes) {
    KmemSubmap clean = kmem.suballoc(kernelMap, "clean_map", 2 * bufferBytes + pagerBytes);
    KmemSubmap buffer = kmem.suballoc(clean.map(), "buffer_map", bufferBytes);
    buffer.map().setSystemMap();
    KmemSubmap pager = kmem.suballoc(clean.map(), "pager_map", pagerBytes);
    pager.map().setSystemMap();
    return new KernelSubmaps(clean, buffer, pager);
  }
}
