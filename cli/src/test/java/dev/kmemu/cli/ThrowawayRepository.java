package dev.kmemu.cli;

import dev.kmemu.emulator.machine.Machine;
import dev.kmemu.firmware.FirmwareImage;
import dev.kmemu.gdb.server.GdbServer;
import dev.kmemu.testkit.guest.TestMachine;
import dev.kmemu.vm.KernelVm;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.net.URISyntaxException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.jar.JarEntry;
import java.util.jar.JarOutputStream;
import java.util.stream.Stream;

/**
 * A Maven repository that holds what this build has made, as if it were installed, beside links to
 * everything else that the build's own repository holds. Nothing is installed there.
 */
final class ThrowawayRepository {

  private static final String VERSION = "0.1.0-SNAPSHOT";
  private static final String GROUP = "dev/kmemu";

  /** A class of each module, by which its archive is found. */
  private static final Map<String, Class<?>> MODULES =
      Map.of(
          "emulator", Machine.class,
          "vmsubsys", KernelVm.class,
          "gdbstub", GdbServer.class,
          "firmware", FirmwareImage.class,
          "tests", TestMachine.class);

  private ThrowawayRepository() {}

  /** Makes one in {@code directory}, which is empty. */
  static void make(Path directory, Path project) throws IOException {
    link(buildRepository(), directory, List.of("dev", "kmemu"));
    install(directory, "kmemu", project.resolve("pom.xml"));
    for (Map.Entry<String, Class<?>> module : MODULES.entrySet()) {
      String name = module.getKey();
      String artifact = "kmemu-" + (name.equals("tests") ? "testkit" : name);
      Path target = install(directory, artifact, project.resolve(name).resolve("pom.xml"));
      archive(location(module.getValue()), target.resolve(artifact + "-" + VERSION + ".jar"));
    }
  }

  /** Takes the links out of one, before somebody deletes it with what is in it. */
  static void unlink(Path directory) throws IOException {
    try (Stream<Path> paths = Files.walk(directory, 2)) {
      for (Path path : (Iterable<Path>) paths.filter(Files::isSymbolicLink)::iterator) {
        Files.delete(path);
      }
    }
  }

  private static Path buildRepository() {
    String given = System.getProperty("localRepository");
    return given == null
        ? Path.of(System.getProperty("user.home"), ".m2", "repository")
        : Path.of(given);
  }

  /** Links what {@code from} holds but the path {@code without}, which becomes a directory. */
  private static void link(Path from, Path to, List<String> without) throws IOException {
    Files.createDirectories(to);
    if (!Files.isDirectory(from)) {
      return;
    }
    try (Stream<Path> children = Files.list(from)) {
      for (Path child : (Iterable<Path>) children::iterator) {
        String name = child.getFileName().toString();
        if (!name.equals(without.get(0))) {
          Files.createSymbolicLink(to.resolve(name), child);
        }
      }
    }
    if (without.size() > 1) {
      link(
          from.resolve(without.get(0)),
          to.resolve(without.get(0)),
          without.subList(1, without.size()));
    }
  }

  private static Path install(Path repository, String artifact, Path pom) throws IOException {
    Path target =
        Files.createDirectories(repository.resolve(GROUP).resolve(artifact).resolve(VERSION));
    Files.copy(pom, target.resolve(artifact + "-" + VERSION + ".pom"));
    return target;
  }

  private static Path location(Class<?> type) {
    try {
      return Path.of(type.getProtectionDomain().getCodeSource().getLocation().toURI());
    } catch (URISyntaxException e) {
      throw new IllegalStateException(e);
    }
  }

  /** A build that doesn't package yet has directories of classes. */
  private static void archive(Path classes, Path jar) throws IOException {
    if (Files.isRegularFile(classes)) {
      Files.copy(classes, jar);
      return;
    }
    try (OutputStream file = Files.newOutputStream(jar);
        JarOutputStream out = new JarOutputStream(file);
        Stream<Path> files = Files.walk(classes)) {
      files
          .filter(Files::isRegularFile)
          .forEach(
              path -> {
                try {
                  out.putNextEntry(new JarEntry(classes.relativize(path).toString()));
                  Files.copy(path, out);
                  out.closeEntry();
                } catch (IOException e) {
                  throw new UncheckedIOException(e);
                }
              });
    }
  }
}
