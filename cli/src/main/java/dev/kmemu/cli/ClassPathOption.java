package dev.kmemu.cli;

import java.io.File;
import java.net.MalformedURLException;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** {@code --classpath}: classes of the user's own. */
final class ClassPathOption {

  private ClassPathOption() {}

  /** Has the calling thread, and those it starts, find the classes of {@code path}. */
  static void use(@Nullable String path) {
    if (path == null) {
      return;
    }
    List<URL> urls = new ArrayList<>();
    for (String entry : path.split(File.pathSeparator, -1)) {
      urls.add(url(entry));
    }
    ClassLoader parent = ClassPathOption.class.getClassLoader();
    Thread.currentThread()
        .setContextClassLoader(new URLClassLoader(urls.toArray(URL[]::new), parent));
  }

  private static URL url(String entry) {
    try {
      Path file = Path.of(entry);
      if (!entry.isEmpty() && Files.exists(file)) {
        return file.toUri().toURL();
      }
    } catch (InvalidPathException | MalformedURLException e) {
      // Reported below, together with what isn't there.
    }
    throw CommandException.usage(
        "--classpath: there is no '" + entry + "' (name directories of classes, and jars)", null);
  }
}
