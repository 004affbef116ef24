package dev.kmemu.testkit.assembler;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/** What GNU {@code as} makes of a source in Intel's syntax. */
final class GnuAssembler {

  private static final int SLOT = 32;

  private GnuAssembler() {}

  /** Returns the code of each line alone; the rest of its slot is what pads it. */
  static List<byte[]> eachLine(List<String> lines) {
    StringBuilder source = new StringBuilder();
    lines.forEach(line -> source.append(line).append("\n.balign 32, 0x0b\n"));
    byte[] code = assemble(source.toString());
    List<byte[]> slots = new ArrayList<>();
    for (int i = 0; i < lines.size(); i++) {
      slots.add(Arrays.copyOfRange(code, i * SLOT, (i + 1) * SLOT));
    }
    return slots;
  }

  /** Returns {@code code} as {@link #eachLine} pads it. */
  static byte[] padded(byte[] code) {
    byte[] slot = new byte[SLOT];
    Arrays.fill(slot, (byte) 0x0B);
    System.arraycopy(code, 0, slot, 0, code.length);
    return slot;
  }

  /** Returns the code of a whole source. */
  static byte[] assemble(String source) {
    try {
      Path directory = Files.createTempDirectory("kmemu-as");
      try {
        Path text = directory.resolve("test.s");
        Path object = directory.resolve("test.o");
        Path binary = directory.resolve("test.bin");
        Files.writeString(text, source);
        run("as", "--64", "-msyntax=intel", "-mnaked-reg", "-o", object, text);
        run("objcopy", "-O", "binary", "-j", ".text", object, binary);
        return Files.readAllBytes(binary);
      } finally {
        for (String name : List.of("test.s", "test.o", "test.bin")) {
          Files.deleteIfExists(directory.resolve(name));
        }
        Files.delete(directory);
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static void run(Object... command) throws IOException {
    Process process =
        new ProcessBuilder(Arrays.stream(command).map(Object::toString).toList())
            .redirectErrorStream(true)
            .start();
    String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    int status;
    try {
      status = process.waitFor();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IOException(e);
    }
    if (status != 0) {
      throw new AssertionError(command[0] + " refuses the source:\n" + output);
    }
  }
}
