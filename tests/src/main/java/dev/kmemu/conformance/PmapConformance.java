package dev.kmemu.conformance;

/**
 * The suite that every pmap must pass, on a real CPU. A test class that implements this and says
 * which pmap it is about inherits all checks:
 *
 * <pre>{@code
 * class MyPmapTest implements PmapConformance {
 *   @Override
 *   public PmapProvider pmap() {
 *     return new MyPmap();
 *   }
 * }
 * }</pre>
 *
 * <p>One hazard alone is tested by implementing its interface instead.
 */
public interface PmapConformance
    extends TranslationChecks,
        ProtectionChecks,
        PrivilegeChecks,
        AccessedModifiedChecks,
        CarriedBitsChecks,
        StaleTranslationChecks,
        StaleUserTranslationChecks,
        StaleSpaceChecks,
        StaleKernelEnterChecks,
        StaleBitsChecks,
        MappingCountChecks,
        WiringChecks,
        TablePageChecks,
        TableBoundaryChecks,
        SharingChecks,
        KernelEnterChecks,
        KernelGrowthChecks,
        SnapshotChecks,
        LoadChecks {}
