package dev.kmemu.campaign.image;

import dev.kmemu.campaign.Failure;
import dev.kmemu.campaign.Stage;
import dev.kmemu.campaign.StageOptions;
import dev.kmemu.campaign.Step;
import dev.kmemu.campaign.coverage.Coverage;
import dev.kmemu.campaign.coverage.FeatureTable;
import dev.kmemu.emulator.boot.BootImages;
import dev.kmemu.emulator.boot.BootModule;
import dev.kmemu.emulator.boot.BootRequest;
import dev.kmemu.emulator.boot.GuestImageException;
import dev.kmemu.emulator.boot.Loaded;
import dev.kmemu.emulator.boot.LoadedPart;
import dev.kmemu.emulator.memory.PhysicalMemory;
import dev.kmemu.emulator.unicorn.AnonymousMapping;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** An image that is damaged step by step, and RAM that it is loaded into. */
final class ImageStage implements Stage {

  private static final List<GoodImage> IMAGES = List.of(GoodImage.values());
  private static final List<GuestImageException.Reason> REASONS =
      List.of(GuestImageException.Reason.values());
  private static final int OUTCOMES = REASONS.size() + 1;
  private static final String NAME = "image";

  static final List<FeatureTable> TABLES =
      List.of(
          new FeatureTable(
              "outcome", IMAGES.size() * OUTCOMES, index -> label(index).replace('_', ' ')));

  private final PhysicalMemory ram;
  private final Loader loader;
  private Coverage coverage = new Coverage(TABLES);
  private byte[] image = GoodImage.MULTIBOOT.bytes();
  private int base;
  private long checks;
  private @Nullable Consumer<String> listener;

  /** Loads an image into RAM or refuses it. */
  @FunctionalInterface
  interface Loader {
    /** Loads the image of a name. */
    Loaded load(String name, byte[] image, PhysicalMemory ram, BootRequest request);
  }

  ImageStage(StageOptions options) {
    this(
        options,
        (name, image, ram, request) ->
            BootImages.parse(name, image, null, OptionalLong.empty()).load(ram, request));
  }

  /** Creates it over a loader, for tests of the suite. */
  ImageStage(StageOptions options, Loader loader) {
    this.loader = loader;
    ram = new PhysicalMemory(new AnonymousMapping(options.ramBytes()));
  }

  private static String label(int index) {
    int outcome = index % OUTCOMES;
    return IMAGES.get(index / OUTCOMES)
        + "/"
        + (outcome == REASONS.size() ? "loaded" : REASONS.get(outcome));
  }

  @Override
  public void begin(Coverage target) {
    coverage = target;
    choose(0);
  }

  private void choose(int number) {
    base = number;
    image = IMAGES.get(number).bytes();
  }

  @Override
  public @Nullable Failure apply(Step step) {
    ImageVerb verb = (ImageVerb) step.verb();
    switch (verb) {
      case BEGIN -> choose(step.index(0));
      case SET_BYTE -> set(step.index(0), step.value(1), 1);
      case SET_NUMBER -> set(step.index(0) & -4, ImageVerb.Operands.NUMBER.at(step.value(1)), 4);
      case COPY -> copy(step.index(0), step.index(1), step.index(2) + 1);
      case TRUNCATE -> image = Arrays.copyOf(image, Math.min(image.length, step.index(0)));
      case LOAD -> {
        return load(step.index(0));
      }
    }
    return null;
  }

  private void set(int at, long value, int bytes) {
    for (int i = 0; i < bytes && at + i < image.length; i++) {
      image[at + i] = (byte) (value >> (Byte.SIZE * i));
    }
  }

  private void copy(int from, int to, int count) {
    int bytes = Math.min(count, image.length - Math.max(from, to));
    if (bytes > 0) {
      System.arraycopy(image, from, image, to, bytes);
    }
  }

  private @Nullable Failure load(int modules) {
    checks++;
    BootModule module = new BootModule("m", "x", new byte[] {1, 2, 3});
    BootRequest request =
        new BootRequest("a b", Optional.empty(), Collections.nCopies(modules, module));
    try {
      Loaded loaded = loader.load(NAME, image.clone(), ram, request);
      count(REASONS.size());
      tell("loaded, " + loaded.parts().size() + " parts");
      return checkParts(loaded);
    } catch (GuestImageException e) {
      count(REASONS.indexOf(e.reason()));
      String message = String.valueOf(e.getMessage());
      tell("refused: " + message);
      boolean helps =
          message.startsWith(NAME + ": ") && message.endsWith(")") && message.indexOf('\n') < 0;
      return helps
          ? null
          : Failure.of("message", "load", "one line that names the image and the way out", message);
    }
  }

  private void count(int outcome) {
    coverage.hit(0, base * OUTCOMES + outcome);
  }

  private void tell(String line) {
    Consumer<String> told = listener;
    if (told != null) {
      told.accept(line);
    }
  }

  private @Nullable Failure checkParts(Loaded loaded) {
    long end = 0;
    for (LoadedPart part : loaded.parts()) {
      if (part.start().value() < end) {
        return Failure.of("overlap", "load", "parts one behind the other", part);
      }
      end = part.end().value();
    }
    return end <= ram.size()
        ? null
        : Failure.of("beyond-ram", "load", "parts below " + ram.size(), loaded.parts());
  }

  @Override
  public @Nullable Failure end() {
    return null;
  }

  @Override
  public void explainTo(@Nullable Consumer<String> newListener) {
    listener = newListener;
  }

  @Override
  public long checks() {
    return checks;
  }

  @Override
  public void close() {
    ram.close();
  }
}
