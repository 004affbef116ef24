package dev.kmemu.gdb.target;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.Optional;

/** The target description (GDB manual, Target Descriptions): one document for each feature. */
final class TargetDescription {

  private static final String ROOT = "target.xml";

  private final RegisterLayout layout;

  TargetDescription(RegisterLayout layout) {
    this.layout = layout;
  }

  /** Returns a document of the description, when it has that name. */
  Optional<String> document(String name) {
    if (name.equals(ROOT)) {
      return Optional.of(root());
    }
    return layout.features().stream()
        .map(Feature::file)
        .filter(name::equals)
        .findFirst()
        .map(TargetDescription::read);
  }

  private String root() {
    StringBuilder includes = new StringBuilder();
    for (Feature feature : layout.features()) {
      includes.append("  <xi:include href=\"").append(feature.file()).append("\"/>\n");
    }
    return read(ROOT).replace("</target>", includes + "</target>");
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
