package dev.kmemu.testkit.junit;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.extension.ExtensionContext;

/** The commands that run a test alone. */
final class Reproduction {

  /** Where kmemu's own build says that it is. */
  private static final String PROJECT = "kmemu.project";

  private Reproduction() {}

  /** Returns one command or more, any of which does. */
  static List<String> commands(ExtensionContext context) {
    return commands(
        context.getTestClass().map(Class::getName).orElse("?"),
        context.getTestMethod().map(method -> method.getName()).orElse("*"),
        Path.of("").toAbsolutePath(),
        System.getProperty(PROJECT) != null);
  }

  static List<String> commands(String type, String method, Path directory, boolean own) {
    String test = "-Dtest='" + type + "#" + method + "'";
    if (own) {
      return List.of("./kmemu test " + test + " -Dsurefire.failIfNoSpecifiedTests=false");
    }
    List<String> commands = new ArrayList<>();
    Path pom = directory.resolve("pom.xml");
    if (Files.exists(pom)) {
      commands.add("mvn test " + test);
      commands.add("./kmemu test -f " + pom + " " + test + "   (in a checkout of kmemu)");
    } else {
      commands.add("gradle test --tests '" + type + "." + method + "'");
    }
    return List.copyOf(commands);
  }
}
