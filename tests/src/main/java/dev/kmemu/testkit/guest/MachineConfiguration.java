package dev.kmemu.testkit.guest;

import dev.kmemu.emulator.machine.RamSize;
import dev.kmemu.vm.pmap.PmapProvider;
import java.util.Collections;
import java.util.EnumSet;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * What a machine for tests is like.
 *
 * @param ram how much RAM it has
 * @param features what of paging is on
 * @param swapPages the size of its swap, in pages of 4096 bytes, kept in the Java heap; 0 for none
 * @param bufferBytes KVA of the buffer cache's submap, in bytes; 0 without {@code cpu_startup}
 * @param pagerBytes KVA of the pagers' submap, in bytes; 0 without {@code cpu_startup}
 * @param pmap makes its pmap: a public class with a public constructor without parameters; null for
 *     the standard one
 */
public record MachineConfiguration(
    RamSize ram,
    Set<CpuFeature> features,
    int swapPages,
    long bufferBytes,
    long pagerBytes,
    @Nullable Class<? extends PmapProvider> pmap) {

  /** Checks that the submaps come together. */
  public MachineConfiguration {
    features = Collections.unmodifiableSet(copy(features));
    if (swapPages < 0) {
      throw new IllegalArgumentException("swap must have 0 or more pages, got " + swapPages);
    }
    if ((bufferBytes > 0) != (pagerBytes > 0)) {
      throw new IllegalArgumentException(
          "cpu_startup makes both submaps or none: the buffer cache got "
              + bufferBytes
              + " bytes, the pagers "
              + pagerBytes);
    }
  }

  private static Set<CpuFeature> copy(Set<CpuFeature> features) {
    Set<CpuFeature> copy = EnumSet.noneOf(CpuFeature.class);
    copy.addAll(features);
    return copy;
  }

  /** 32 MiB, the features of {@link CpuFeature#isStandard}, no swap, no submaps. */
  public static MachineConfiguration standard() {
    Set<CpuFeature> features = EnumSet.allOf(CpuFeature.class);
    features.removeIf(feature -> !feature.isStandard());
    return new MachineConfiguration(new RamSize(32L << 20), features, 0, 0, 0, null);
  }

  /** Returns the same with another size of RAM. */
  public MachineConfiguration withRam(RamSize size) {
    return new MachineConfiguration(size, features, swapPages, bufferBytes, pagerBytes, pmap);
  }

  /** Returns the same with other features. */
  public MachineConfiguration withFeatures(Set<CpuFeature> others) {
    return new MachineConfiguration(ram, others, swapPages, bufferBytes, pagerBytes, pmap);
  }

  /** Returns the same with swap. */
  public MachineConfiguration withSwap(int pages) {
    return new MachineConfiguration(ram, features, pages, bufferBytes, pagerBytes, pmap);
  }

  /** Returns the same with the submaps of {@code cpu_startup}. */
  public MachineConfiguration withSubmaps(long buffers, long pagers) {
    return new MachineConfiguration(ram, features, swapPages, buffers, pagers, pmap);
  }

  /** Returns the same with another pmap. */
  public MachineConfiguration withPmap(Class<? extends PmapProvider> provider) {
    return new MachineConfiguration(ram, features, swapPages, bufferBytes, pagerBytes, provider);
  }

  @Override
  public String toString() {
    return "RAM "
        + (ram.bytes() >> 20)
        + " MiB, CPU features "
        + features
        + (swapPages == 0 ? ", no swap" : ", swap of " + swapPages + " pages")
        + (pmap == null ? "" : ", pmap " + pmap.getName())
        + (bufferBytes == 0 ? "" : ", submaps of " + bufferBytes + " and " + pagerBytes + " bytes");
  }
}
