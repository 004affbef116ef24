package dev.kmemu.gdb.target;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * The target description (GDB manual, Target Descriptions), as one document, and a short one
 * without a document type: each further document and each 4 KiB is a round trip of every connect.
 */
final class TargetDescription {

  private static final String ROOT = "target.xml";

  private static final Map<Feature, String> FEATURES = readAll();

  private final String document;

  TargetDescription(RegisterLayout layout) {
    this.document = write(layout.features());
  }

  /** Returns a document of the description, when it has that name. */
  Optional<String> document(String name) {
    return name.equals(ROOT) ? Optional.of(document) : Optional.empty();
  }

  private static String write(List<Feature> features) {
    StringBuilder text = new StringBuilder(0x4000);
    text.append("<?xml version=\"1.0\"?><target><architecture>i386:x86-64</architecture>");
    features.forEach(feature -> text.append(FEATURES.get(feature)));
    return text.append("</target>").toString();
  }

  private static Map<Feature, String> readAll() {
    Map<Feature, String> texts = new EnumMap<>(Feature.class);
    for (Feature feature : Feature.values()) {
      texts.put(feature, read(feature.file()).replaceAll("\\n *", ""));
    }
    return texts;
  }

  private static String read(String name) {
    try (InputStream in = TargetDescription.class.getResourceAsStream(name)) {
      if (in == null) {
        throw new IllegalStateException(name + " is missing from the class path; rebuild gdbstub");
      }
      return new String(in.readAllBytes(), StandardCharsets.US_ASCII);
    } catch (IOException e) {
      throw new UncheckedIOException("can't read " + name, e);
    }
  }
}
