package dev.kmemu.emulator.model;

import java.util.Arrays;
import java.util.Collections;
import java.util.EnumSet;
import java.util.Locale;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * Which processor a machine has.
 *
 * @param features what it has beside what each processor for x86-64 has
 * @param brand what CPUID calls it, up to {@link #BRAND_CHARACTERS} characters of ASCII
 */
public record CpuModel(Set<CpuFeature> features, String brand) {

  /** What fits into leaves 0x80000002 to 0x80000004. */
  public static final int BRAND_CHARACTERS = 47;

  /** All that works on the engine. */
  public static final CpuModel MAX = named(Base.MAX);

  private static final String BRAND_OPTION = "model-id=";

  /** The names. */
  private enum Base {
    MAX("max"),
    QEMU64("qemu64"),
    BASELINE("x86-64"),
    V2("x86-64-v2");

    private final String id;

    Base(String id) {
      this.id = id;
    }

    Set<CpuFeature> features() {
      EnumSet<CpuFeature> all = EnumSet.allOf(CpuFeature.class);
      EnumSet<CpuFeature> baseline =
          EnumSet.of(
              CpuFeature.DE,
              CpuFeature.PSE,
              CpuFeature.MCE,
              CpuFeature.APIC,
              CpuFeature.SEP,
              CpuFeature.PGE,
              CpuFeature.CLFLUSH,
              CpuFeature.HYPERVISOR,
              CpuFeature.NX);
      switch (this) {
        case MAX -> {
          return all;
        }
        case QEMU64 ->
            baseline.addAll(EnumSet.of(CpuFeature.SSE3, CpuFeature.CX16, CpuFeature.LAHF_LM));
        case V2 -> {
          baseline.addAll(EnumSet.of(CpuFeature.SSE3, CpuFeature.SSSE3, CpuFeature.CX16));
          baseline.addAll(EnumSet.of(CpuFeature.SSE4_1, CpuFeature.SSE4_2, CpuFeature.POPCNT));
          baseline.add(CpuFeature.LAHF_LM);
        }
        case BASELINE -> {}
      }
      return baseline;
    }
  }

  /** Checks the brand, and takes away what lacks what it stands on. */
  public CpuModel {
    if (brand.length() > BRAND_CHARACTERS || !brand.chars().allMatch(c -> c >= ' ' && c <= '~')) {
      throw new IllegalArgumentException(
          "model-id '" + brand + "' isn't up to " + BRAND_CHARACTERS + " characters of ASCII");
    }
    EnumSet<CpuFeature> kept = EnumSet.noneOf(CpuFeature.class);
    for (CpuFeature feature : features) {
      if (feature.base().isEmpty() || features.contains(feature.base().get())) {
        kept.add(feature);
      }
    }
    features = Collections.unmodifiableSet(kept);
  }

  private static CpuModel named(Base base) {
    return new CpuModel(base.features(), "kmemu virtual x86-64 processor");
  }

  /** Whether it has {@code feature}. */
  public boolean has(CpuFeature feature) {
    return features.contains(feature);
  }

  /**
   * Parses what QEMU's {@code -cpu} takes: a name, behind it features that it is to have ({@code
   * +smep}) or lack ({@code -smep}), and {@code model-id=TEXT}. Without a name it is {@link #MAX}.
   *
   * @throws IllegalArgumentException when it names what there isn't, with what there is, or what
   *     nobody can choose, with the reason
   */
  public static CpuModel parse(String text) {
    String[] items = text.split(",", -1);
    boolean isNamed = !items[0].startsWith("+") && !items[0].startsWith("-");
    CpuModel start = isNamed ? named(base(items[0])) : MAX;
    EnumSet<CpuFeature> features = EnumSet.noneOf(CpuFeature.class);
    features.addAll(start.features());
    String brand = start.brand();
    for (int i = isNamed ? 1 : 0; i < items.length; i++) {
      if (items[i].startsWith(BRAND_OPTION)) {
        brand = items[i].substring(BRAND_OPTION.length());
      } else {
        apply(items[i], features);
      }
    }
    return new CpuModel(features, brand);
  }

  private static Base base(String name) {
    for (Base base : Base.values()) {
      if (base.id.equals(name)) {
        return base;
      }
    }
    String names = Arrays.stream(Base.values()).map(b -> b.id).collect(Collectors.joining(", "));
    String why =
        name.equals("x86-64-v3") || name.equals("x86-64-v4") ? ", because it has no AVX" : "";
    throw new IllegalArgumentException(
        "there is no processor '" + name + "'" + why + " (there are " + names + ")");
  }

  private static void apply(String item, Set<CpuFeature> features) {
    boolean added = item.startsWith("+");
    if (!added && !item.startsWith("-")) {
      throw new IllegalArgumentException(
          "'" + item + "' begins with neither + nor -, as in -smep, and isn't model-id=TEXT");
    }
    String name = item.substring(1).toLowerCase(Locale.ROOT).replace('_', '-').replace('.', '-');
    for (CpuFeature feature : CpuFeature.values()) {
      if (feature.id().replace('.', '-').equals(name)) {
        if (!added) {
          features.remove(feature);
          return;
        }
        features.add(feature);
        feature.base().ifPresent(features::add);
        return;
      }
    }
    if (added
        ? OtherFeatures.whyFixed(name).isPresent()
        : OtherFeatures.whyAbsent(name).isPresent()) {
      return;
    }
    String why =
        OtherFeatures.whyFixed(name)
            .map(reason -> "can't be taken away: " + reason)
            .or(() -> OtherFeatures.whyAbsent(name).map(reason -> "can't be had: " + reason))
            .orElseGet(() -> "is unknown (there are " + names() + ")");
    throw new IllegalArgumentException("feature '" + name + "' " + why);
  }

  private static String names() {
    return Arrays.stream(CpuFeature.values()).map(CpuFeature::id).collect(Collectors.joining(", "));
  }

  /** Returns it as {@link #parse} takes it. */
  @Override
  public String toString() {
    String lacks =
        EnumSet.complementOf(copy()).stream()
            .map(feature -> ",-" + feature.id())
            .collect(Collectors.joining());
    return "max" + lacks + ",model-id=" + brand;
  }

  private EnumSet<CpuFeature> copy() {
    EnumSet<CpuFeature> copy = EnumSet.noneOf(CpuFeature.class);
    copy.addAll(features);
    return copy;
  }
}
