package dev.kmemu.bench;

import java.io.BufferedReader;
import java.io.BufferedWriter;
import java.io.File;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * The C program {@code floor.c}, compiled when it is needed and run as a child process, so that its
 * repetitions can alternate with kmemu's.
 */
final class CFloor implements AutoCloseable {

  private final Path directory;
  private final Process process;
  private final BufferedWriter commands;
  private final BufferedReader answers;
  private final GuestKernels kernels;

  private CFloor(Path directory, Process process, GuestKernels kernels) {
    this.directory = directory;
    this.process = process;
    this.kernels = kernels;
    commands = process.outputWriter(StandardCharsets.UTF_8);
    answers = process.inputReader(StandardCharsets.UTF_8);
  }

  /**
   * Compiles and starts the floor; empty when there is no C compiler.
   *
   * @param library the libunicorn that it is to load
   */
  static Optional<CFloor> start(String library, GuestKernels kernels) {
    Optional<String> compiler = findCompiler();
    if (compiler.isEmpty()) {
      return Optional.empty();
    }
    try {
      Path directory = Files.createTempDirectory("kmemu-bench");
      try {
        compile(compiler.get(), directory);
        Process process =
            new ProcessBuilder(directory.resolve("floor").toString(), library, directory.toString())
                .redirectError(ProcessBuilder.Redirect.DISCARD)
                .start();
        CFloor floor = new CFloor(directory, process, kernels);
        floor.readAnswer();
        return Optional.of(floor);
      } catch (IOException | RuntimeException e) {
        delete(directory);
        throw e;
      }
    } catch (IOException e) {
      throw new BenchmarkException("the C floor can't be started: " + e.getMessage(), e);
    }
  }

  /** Runs {@code kernel}; the result is RAX. */
  GuestRun run(String kernel, long n) {
    return command("run", kernel, n);
  }

  /** Returns how many instructions the kernel executes. */
  long countInstructions(String kernel, long n) {
    return command("count", kernel, n).nanos();
  }

  /** Faults {@code pages} pages in, {@code rounds} times; the result is the number of faults. */
  GuestRun fault(String kernel, int pages, int rounds) {
    long nanos = 0;
    long faults = 0;
    for (int i = 0; i < rounds; i++) {
      GuestRun run = command("fault", kernel, pages);
      nanos += run.nanos();
      faults += run.result();
    }
    return new GuestRun(nanos, faults);
  }

  /** Runs a kernel that writes to ports; the result is the number of writes. */
  GuestRun out(String kernel, long n) {
    return command("out", kernel, n);
  }

  /** Runs {@code n} single steps; the result is RAX, 0 at the start. */
  GuestRun step(String kernel, int n) {
    return command("step", kernel, n);
  }

  /** Returns what it takes from nothing to the end of a first instruction, in nanoseconds. */
  long firstInstruction() {
    return Long.parseLong(answerTo("start"));
  }

  @Override
  public void close() {
    process.destroy();
    delete(directory);
  }

  private GuestRun command(String verb, String kernel, long n) {
    provide(kernel);
    String answer = answerTo(verb + " " + kernel + " " + n);
    int space = answer.indexOf(' ');
    return new GuestRun(
        Long.parseLong(answer.substring(0, space)),
        Long.parseUnsignedLong(answer.substring(space + 1)));
  }

  private void provide(String kernel) {
    Path file = directory.resolve(kernel + ".bin");
    if (!Files.exists(file)) {
      try {
        Files.write(file, kernels.code(kernel));
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    }
  }

  private String answerTo(String command) {
    try {
      commands.write(command + "\n");
      commands.flush();
      return readAnswer();
    } catch (IOException e) {
      throw new BenchmarkException("the C floor has ended: " + e.getMessage(), e);
    }
  }

  private String readAnswer() throws IOException {
    String answer = answers.readLine();
    if (answer == null) {
      throw new IOException("no answer");
    }
    if (answer.startsWith("error ")) {
      throw new BenchmarkException("the C floor: " + answer.substring("error ".length()));
    }
    return answer;
  }

  private static void compile(String compiler, Path directory) throws IOException {
    Path source = directory.resolve("floor.c");
    try (InputStream in = CFloor.class.getResourceAsStream("floor.c")) {
      if (in == null) {
        throw new IllegalStateException("floor.c isn't on the class path");
      }
      Files.copy(in, source);
    }
    List<String> command = new ArrayList<>(List.of(compiler, "-O2", "-o"));
    command.add(directory.resolve("floor").toString());
    command.add(source.toString());
    command.add("-ldl");
    Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
    String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    try {
      if (process.waitFor() != 0) {
        throw new BenchmarkException(
            compiler + " can't compile the C floor: " + output.lines().findFirst().orElse(""));
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new BenchmarkException("interrupted", e);
    }
  }

  private static Optional<String> findCompiler() {
    String path = System.getenv().getOrDefault("PATH", "");
    return Stream.of("cc", "gcc", "clang")
        .flatMap(
            name ->
                Pattern.compile(File.pathSeparator, Pattern.LITERAL)
                    .splitAsStream(path)
                    .map(folder -> Path.of(folder, name)))
        .filter(Files::isExecutable)
        .map(Path::toString)
        .findFirst();
  }

  private static void delete(Path directory) {
    try (Stream<Path> files = Files.walk(directory)) {
      for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
        Files.delete(file);
      }
    } catch (IOException e) {
      // A temporary directory that stays behind harms nobody.
    }
  }
}
