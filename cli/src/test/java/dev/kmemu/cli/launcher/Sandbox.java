package dev.kmemu.cli.launcher;

import static java.nio.charset.StandardCharsets.UTF_8;
import static java.util.concurrent.TimeUnit.SECONDS;

import java.io.File;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.FileTime;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

/**
 * A project of its own around a copy of the script, in a directory whose name has a space, with
 * stand-ins for the JDK, Maven and apt. Nothing of the machine but its plain tools is on the PATH,
 * so no test builds, fetches or finds anything real.
 */
final class Sandbox {
  private static final List<String> PLAIN_TOOLS =
      List.of(
          "awk",
          "cat",
          "chmod",
          "env",
          "find",
          "head",
          "id",
          "ln",
          "mkdir",
          "mv",
          "readlink",
          "rm",
          "rmdir",
          "sed",
          "sleep",
          "tail",
          "tar",
          "touch",
          "uname");

  final Path project;
  final Path home;
  final Path system;
  final Path tools;
  final Path jdk;
  final Path log;
  private final Map<String, String> environment = new HashMap<>();
  private final Map<Long, Path> outputs = new HashMap<>();

  Sandbox(Path directory) {
    project = directory.resolve("the project");
    home = directory.resolve("the home");
    system = directory.resolve("system");
    tools = directory.resolve("tools");
    jdk = directory.resolve("jdk");
    log = directory.resolve("calls.log");
    try {
      Files.createDirectories(home);
      Files.createDirectories(tools);
      for (String tool : PLAIN_TOOLS) {
        script(tools.resolve(tool), "exec " + onThisMachine(tool) + " \"$@\"\n");
      }
      copyScript();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    write(project.resolve("pom.xml"), "<project/>");
    write(project.resolve("cli/src/main/java/Main.java"), "class Main {}");
    environment.put("PATH", tools.toString());
    environment.put("HOME", home.toString());
    environment.put("KMEMU_SYSROOT", system.toString());
    environment.put("CALLS", log.toString());
  }

  /** Everything that a machine which can build and fetch has, and nothing made yet. */
  static Sandbox complete(Path directory) {
    Sandbox sandbox = new Sandbox(directory);
    sandbox.installJdk("17.0.9");
    sandbox.installMaven();
    sandbox.installApt();
    sandbox.describeSystem("debian", "bookworm");
    sandbox.write(
        sandbox.system.resolve("etc/apt/sources.list"),
        "deb http://archive.invalid/debian bookworm main\n");
    return sandbox;
  }

  private static Path onThisMachine(String tool) {
    return Stream.of(System.getenv("PATH").split(File.pathSeparator))
        .map(entry -> Path.of(entry, tool))
        .filter(Files::isExecutable)
        .findFirst()
        .orElseThrow(() -> new IllegalStateException("no " + tool + " on the PATH"));
  }

  private void copyScript() throws IOException {
    Path original = Path.of(System.getProperty("kmemu.project"));
    Files.createDirectories(project.resolve("launcher"));
    Files.copy(
        original.resolve("kmemu"), project.resolve("kmemu"), StandardCopyOption.COPY_ATTRIBUTES);
    try (Stream<Path> parts = Files.list(original.resolve("launcher"))) {
      for (Path part : parts.toList()) {
        Files.copy(part, project.resolve("launcher").resolve(part.getFileName()));
      }
    }
  }

  /** A JDK in JAVA_HOME whose java prints its process id, directory and arguments, one a line. */
  void installJdk(String version) {
    write(jdk.resolve("release"), "JAVA_VERSION=\"" + version + "\"\n");
    script(
        jdk.resolve("bin/java"),
        """
        echo "java $*" >>"$CALLS"
        for argument; do
          case $argument in -XX:ArchiveClassesAtExit=*) echo classes >"${argument#*=}" ;; esac
        done
        echo "pid $$"
        echo "cwd $PWD"
        printf '%s\\n' "$@"
        exit "${JAVA_STATUS:-0}"
        """);
    script(jdk.resolve("bin/javac"), "");
    environment.put("JAVA_HOME", jdk.toString());
  }

  /** A Maven that makes the jar, unless MVN_STATUS says that it fails. */
  void installMaven() {
    script(
        tools.resolve("mvn"),
        """
        [ "$1" != -v ] || { echo "Apache Maven 3.9.9 (abc)"; exit; }
        echo "mvn $* unicorn=${KMEMU_UNICORN-} build=${KMEMU_BUILD-}" >>"$CALLS"
        [ "${MVN_STATUS:-0}" = 0 ] || { echo "COMPILATION ERROR"; exit "$MVN_STATUS"; }
        mkdir -p cli/target/kmemu/lib
        echo jar >cli/target/kmemu/lib/kmemu-cli.jar
        """);
  }

  /** An apt that logs each call with the source and configuration that it was given. */
  void installApt() {
    script(
        tools.resolve("apt-get"),
        """
        for argument; do
          case $argument in
            Dir::Etc::sourcelist=*) source=${argument#*=} ;;
            */apt.conf) configuration=$argument ;;
            update | download) action=$argument ;;
          esac
        done
        {
          echo "apt-get $*"
          [ "$action" = update ] && cat "$source" "$configuration"
        } >>"$CALLS"
        [ -z "${APT_STARTED-}" ] || { echo >"$APT_STARTED"; read -r _ <"$APT_GATE"; }
        [ -z "${APT_ERROR-}" ] || { echo "E: $APT_ERROR"; exit 100; }
        [ "$action" = update ] || : >libunicorn2t64_2.1.1-2_amd64.deb
        """);
    script(
        tools.resolve("dpkg-deb"),
        """
        case "$1 ${3-}" in
          '-f Depends') echo "libgcc-s1, libc6 (>= ${DEB_LIBC:-2.34})" ;;
          '-f Version') echo "${DEB_VERSION:-2.1.1-2}" ;;
          -x*) mkdir -p "$3/usr/lib/some-arch" && : >"$3/usr/lib/some-arch/libunicorn.so.2" ;;
        esac
        """);
    script(tools.resolve("getconf"), "echo glibc \"${LIBC:-2.36}\"\n");
    // Both versions begin with 2., and awk compares the rest.
    script(
        tools.resolve("dpkg"),
        """
        awk -v have="${2#2.}" -v need="${4#2.}" 'BEGIN { exit have + 0 >= need + 0 ? 0 : 1 }'
        """);
  }

  /**
   * An apt that has any package: its one file is boot/PACKAGE. linux-image-cloud-amd64 only names
   * another, and of APT_LACKS there is none.
   */
  void installAptWithImages() {
    installApt();
    script(
        tools.resolve("apt-get"),
        """
        for argument; do package=$argument; done
        echo "apt-get $package" >>"$CALLS"
        [ "$package" != "${APT_LACKS-}" ] || { echo "E: Unable to locate package"; exit 100; }
        [ "$package" = update ] || echo "$package" >"${package}_2.1.1-2_amd64.deb"
        """);
    script(
        tools.resolve("dpkg-deb"),
        """
        name=${2##*/} name=${name%%_*}
        case "$1 ${3-}" in
          '-f Depends')
            case $name in
              linux-image-cloud-amd64) echo 'linux-image-6.1.0-1-cloud-amd64 (= 6.1)' ;;
              *) echo libc6 ;;
            esac ;;
          '-f Version') echo 2.1.1-2 ;;
          --fsys-tarfile*)
            mkdir -p "$HOME/$name/boot" && echo "$name" >"$HOME/$name/boot/$name"
            tar -c -C "$HOME/$name" ./boot ;;
          -x*) mkdir -p "$3/usr/lib/some-arch" && : >"$3/usr/lib/some-arch/libunicorn.so.2" ;;
        esac
        """);
  }

  void describeSystem(String id, String codename) {
    write(
        system.resolve("etc/os-release"), "ID=" + id + "\nVERSION_CODENAME=\"" + codename + "\"\n");
  }

  /** A libunicorn in the system's library directory whose package has this version. */
  Path installSystemLibrary(String version) {
    Path library = system.resolve("usr/lib/some-linux-gnu/libunicorn.so.2");
    write(library, "library");
    setPackagedVersion(version);
    return library;
  }

  /** What the package manager says of the version of the system's libunicorn. */
  void setPackagedVersion(String version) {
    script(
        tools.resolve("dpkg-query"),
        """
        case $1 in -S) echo "libunicorn2:amd64: $2" ;; -W) echo "VERSION" ;; esac
        """
            .replace("VERSION", version));
  }

  /** What a fetch leaves in the cache of the given home. */
  Path installCachedLibrary() {
    Path library = cache().resolve("2.1.1-2/usr/lib/some-arch/libunicorn.so.2");
    write(library, "library");
    return library;
  }

  Path cache() {
    return home.resolve(".cache/kmemu/unicorn");
  }

  Path app() {
    return project.resolve("cli/target/kmemu");
  }

  Path jar() {
    return app().resolve("lib/kmemu-cli.jar");
  }

  void set(String variable, String value) {
    environment.put(variable, value);
  }

  void unset(String variable) {
    environment.remove(variable);
  }

  void remove(Path file) {
    try {
      Files.delete(file);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Makes {@code file} newer than {@code other} by a time that no clock's grain can hide. */
  void makeNewer(Path file, Path other) {
    try {
      FileTime then = Files.getLastModifiedTime(other);
      Files.setLastModifiedTime(file, FileTime.fromMillis(then.toMillis() + 60_000));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  void write(Path file, String text) {
    try {
      Files.createDirectories(file.getParent());
      Files.writeString(file, text);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  void script(Path file, String body) {
    write(file, "#!/bin/sh\n" + body);
    if (!file.toFile().setExecutable(true)) {
      throw new IllegalStateException("can't make " + file + " executable");
    }
  }

  /** The calls of the stand-ins so far, with what they logged. */
  String calls() {
    try {
      return Files.exists(log) ? Files.readString(log) : "";
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** How many of the calls began with {@code start}. */
  long callsOf(String start) {
    return calls().lines().filter(line -> line.startsWith(start)).count();
  }

  Outcome kmemu(String... arguments) {
    return finish(start(project, project.resolve("kmemu"), arguments));
  }

  Process start(Path directory, Path script, String... arguments) {
    List<String> command = new ArrayList<>(List.of(script.toString()));
    command.addAll(List.of(arguments));
    ProcessBuilder builder = new ProcessBuilder(command).directory(directory.toFile());
    builder.environment().clear();
    builder.environment().putAll(environment);
    try {
      Path scratch = Files.createTempDirectory(log.getParent(), "run");
      builder.redirectOutput(scratch.resolve("output").toFile());
      builder.redirectError(scratch.resolve("errors").toFile());
      Process process = builder.start();
      outputs.put(process.pid(), scratch);
      return process;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Waits for the end of a start; a script that hangs fails the test. */
  Outcome finish(Process process) {
    try {
      if (!process.waitFor(60, SECONDS)) {
        process.destroyForcibly();
        throw new AssertionError("the script didn't end within a minute");
      }
      Path scratch = outputs.get(process.pid());
      if (scratch == null) {
        throw new IllegalArgumentException("not a process of this sandbox");
      }
      return new Outcome(
          process.exitValue(),
          Files.readString(scratch.resolve("output"), UTF_8),
          Files.readString(scratch.resolve("errors"), UTF_8));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException(e);
    }
  }
}
