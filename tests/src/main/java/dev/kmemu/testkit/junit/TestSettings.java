package dev.kmemu.testkit.junit;

import dev.kmemu.emulator.machine.RamSize;
import dev.kmemu.testkit.guest.CpuFeature;
import dev.kmemu.testkit.guest.MachineConfiguration;
import java.util.EnumSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.extension.ExtensionConfigurationException;
import org.junit.jupiter.api.extension.ExtensionContext;

/**
 * What the annotations of a test say.
 *
 * @param configuration what its machine is like
 * @param checksInvariants whether the VM is checked when it has ended
 */
record TestSettings(MachineConfiguration configuration, boolean checksInvariants) {

  static TestSettings of(ExtensionContext context) {
    AnnotationLookup annotations = new AnnotationLookup(context);
    try {
      return new TestSettings(
          configuration(annotations),
          !annotations.isNearer(SkipInvariantCheck.class, CheckInvariants.class));
    } catch (IllegalArgumentException e) {
      throw new ExtensionConfigurationException(
          context.getDisplayName() + ": its machine can't be made: " + e.getMessage(), e);
    }
  }

  private static MachineConfiguration configuration(AnnotationLookup annotations) {
    MachineConfiguration configuration = MachineConfiguration.standard();
    Optional<Ram> ram = annotations.find(Ram.class);
    if (ram.isPresent()) {
      configuration = configuration.withRam(RamSize.parse(ram.get().value()));
    }
    Optional<Swap> swap = annotations.find(Swap.class);
    if (swap.isPresent()) {
      configuration = configuration.withSwap(swap.get().pages());
    }
    Optional<KvaSubmaps> submaps = annotations.find(KvaSubmaps.class);
    if (submaps.isPresent()) {
      configuration =
          configuration.withSubmaps(submaps.get().bufferBytes(), submaps.get().pagerBytes());
    }
    Optional<WithPmap> pmap = annotations.find(WithPmap.class);
    if (pmap.isPresent()) {
      configuration = configuration.withPmap(pmap.get().value());
    }
    Optional<CpuFeatures> features = annotations.find(CpuFeatures.class);
    if (features.isPresent()) {
      configuration =
          configuration.withFeatures(features(configuration.features(), features.get()));
    }
    return configuration;
  }

  private static Set<CpuFeature> features(Set<CpuFeature> standard, CpuFeatures asked) {
    Set<CpuFeature> features = EnumSet.noneOf(CpuFeature.class);
    features.addAll(standard);
    features.addAll(List.of(asked.on()));
    for (CpuFeature off : asked.off()) {
      if (List.of(asked.on()).contains(off)) {
        throw new IllegalArgumentException(
            "@CpuFeatures switches " + off + " on and off: take it out of one of the lists");
      }
      features.remove(off);
    }
    return features;
  }
}
