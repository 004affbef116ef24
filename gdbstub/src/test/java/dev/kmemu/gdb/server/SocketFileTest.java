package dev.kmemu.gdb.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.kmemu.gdb.ToyTarget;
import java.io.File;
import java.io.IOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SocketFileTest {

  private static final int CYCLES = 10_000;

  private final ToyTarget target = new ToyTarget();
  private final Path folder;

  SocketFileTest(@TempDir Path folder) {
    this.folder = folder;
  }

  @Test
  void aDebuggerIsServedOnASocketFileThatGoesAtTheEnd() throws IOException {
    try (GdbServer server = server()) {
      server.start();
      assertThat(ask("$qC#b4", "#c5")).isEqualTo("+$QC1#c5");
      assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(file())))
          .isEqualTo("rw-------");
      assertThatThrownBy(server::address).isInstanceOf(IllegalStateException.class);
    }
    assertThat(file()).doesNotExist();
  }

  @Test
  void aSocketThatADeadServerLeftBehindIsReplaced() throws IOException {
    try (ServerSocketChannel dead = ServerSocketChannel.open(StandardProtocolFamily.UNIX)) {
      dead.bind(UnixDomainSocketAddress.of(file()));
    }
    assertThat(file()).exists();
    try (GdbServer server = server()) {
      server.start();
      assertThat(ask("$qC#b4", "#c5")).isEqualTo("+$QC1#c5");
    }
  }

  @Test
  void aServerThatLivesIsLeftAlone() throws IOException {
    try (GdbServer first = server()) {
      first.start();
      try (GdbServer second = server()) {
        assertThatThrownBy(second::start)
            .isInstanceOf(IOException.class)
            .hasMessageContaining("another server listens on " + file());
      }
      assertThat(ask("$qC#b4", "#c5")).isEqualTo("+$QC1#c5");
    }
  }

  @Test
  void aFileThatIsNoSocketIsLeftAlone() throws IOException {
    Files.writeString(file(), "precious");
    try (GdbServer server = server()) {
      assertThatThrownBy(server::start)
          .isInstanceOf(IOException.class)
          .hasMessageContaining("isn't a socket");
    }
    assertThat(file()).hasContent("precious");
  }

  @Test
  void aFolderThatIsNotThereIsNamedInTheError() {
    Path nowhere = folder.resolve("nowhere").resolve("gdb");
    try (GdbServer server = new GdbServer(target, new Endpoint.SocketFile(nowhere))) {
      assertThatThrownBy(server::start)
          .isInstanceOf(IOException.class)
          .hasMessageContaining(nowhere.toString())
          .hasMessageContaining("choose another name");
    }
  }

  @Test
  void tenThousandDebuggersLeaveNothingBehind() throws IOException {
    try (GdbServer server = server()) {
      server.start();
      ask("$qC#b4", "#c5");
    }
    int files = openFiles();
    try (GdbServer server = server()) {
      server.start();
      for (int i = 0; i < CYCLES; i++) {
        String reply =
            i % 2 == 0
                ? ask("$Z0,ffffffff80000000,1#cb$D#44", "#9a+$OK#9a")
                : ask("$Z0,ffffffff80000000,1#cb", "#9a");
        assertThat(reply).startsWith("+$OK#9a");
      }
    }
    assertThat(target.breakpoints()).isEmpty();
    int lettingRun = 2; // by each server's close
    assertThat(target.calls().stream().filter("attach"::equals)).hasSize(CYCLES + 1 + lettingRun);
    assertThat(target.calls().stream().filter("detach"::equals)).hasSize(CYCLES / 2 + lettingRun);
    assertThat(target.calls().stream().filter("disconnect"::equals)).hasSize(CYCLES / 2 + 1);
    assertThat(openFiles()).as("open files").isLessThanOrEqualTo(files);
  }

  private GdbServer server() {
    return new GdbServer(target, new Endpoint.SocketFile(file()));
  }

  private Path file() {
    return folder.resolve("gdb.sock");
  }

  private static int openFiles() {
    String[] names = new File("/proc/self/fd").list();
    return names == null ? 0 : names.length;
  }

  private String ask(String bytes, String end) throws IOException {
    StringBuilder text = new StringBuilder();
    try (SocketChannel channel = SocketChannel.open(UnixDomainSocketAddress.of(file()))) {
      channel.write(ByteBuffer.wrap(bytes.getBytes(StandardCharsets.ISO_8859_1)));
      ByteBuffer in = ByteBuffer.allocate(256);
      while (text.indexOf(end) < 0) {
        in.clear();
        if (channel.read(in) < 0) {
          throw new IOException("the server hung up after " + text);
        }
        text.append(StandardCharsets.ISO_8859_1.decode(in.flip()));
      }
    }
    return text.toString();
  }
}
