package dev.kmemu.cli.terminal;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.kmemu.gdb.server.Endpoint;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.ServerSocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(60)
class SerialSocketTest {

  private static final int PATIENCE_MILLIS = 30_000;

  private static Socket connect(SerialSocket line) throws IOException {
    int port = ((Endpoint.Tcp) line.endpoint()).address().getPort();
    Socket client = new Socket(InetAddress.getLoopbackAddress(), port);
    client.setSoTimeout(PATIENCE_MILLIS);
    return client;
  }

  private static void transmit(SerialSocket line, String text) {
    text.chars().forEach(line::write);
  }

  private static String read(InputStream in, int count) throws IOException {
    return new String(in.readNBytes(count), StandardCharsets.US_ASCII);
  }

  private static void send(Socket client, String text) throws IOException {
    client.getOutputStream().write(text.getBytes(StandardCharsets.US_ASCII));
  }

  /** Reads on a thread of its own what the guest would, because that is what accepts clients. */
  private static Thread listenTo(SerialSocket line, StringBuilder heard) {
    Thread reader =
        new Thread(
            () -> {
              try (InputStream in = line.input()) {
                for (int c = in.read(); c >= 0; c = in.read()) {
                  synchronized (heard) {
                    heard.append((char) c);
                    heard.notifyAll();
                  }
                }
              } catch (IOException e) {
                // The socket was closed.
              }
            });
    reader.start();
    return reader;
  }

  private static void await(StringBuilder heard, String text) throws InterruptedException {
    synchronized (heard) {
      while (heard.indexOf(text) < 0) {
        heard.wait();
      }
    }
  }

  @Test
  void whatWasTransmittedBeforeThereWasAClientIsKeptForIt() throws Exception {
    try (SerialSocket line = SerialSocket.listen(Endpoint.loopback(0))) {
      transmit(line, "booting");
      listenTo(line, new StringBuilder());
      try (Socket client = connect(line)) {
        assertThat(read(client.getInputStream(), 7)).isEqualTo("booting");
      }
    }
  }

  @Test
  void onlyTheLastIsKeptOfMoreThanFits() throws Exception {
    try (SerialSocket line = SerialSocket.listen(Endpoint.loopback(0))) {
      transmit(line, "lost" + "k".repeat(SerialSocket.KEPT - 1) + "!");
      listenTo(line, new StringBuilder());
      try (Socket client = connect(line)) {
        assertThat(read(client.getInputStream(), SerialSocket.KEPT))
            .startsWith("kkk")
            .endsWith("k!");
      }
    }
  }

  @Test
  void aClientMayGoAndAnotherCome() throws Exception {
    StringBuilder heard = new StringBuilder();
    try (SerialSocket line = SerialSocket.listen(Endpoint.loopback(0))) {
      listenTo(line, heard);
      try (Socket first = connect(line)) {
        send(first, "one");
        await(heard, "one");
      }
      try (Socket second = connect(line)) {
        send(second, "two");
        await(heard, "two");
        transmit(line, "answer");
        assertThat(read(second.getInputStream(), 6)).isEqualTo("answer");
      }
    }
  }

  @Test
  void whatIsLeftIsSentBeforeTheSocketCloses() throws Exception {
    StringBuilder heard = new StringBuilder();
    SerialSocket line = SerialSocket.listen(Endpoint.loopback(0));
    Thread reader = listenTo(line, heard);
    try (Socket client = connect(line)) {
      send(client, "x");
      await(heard, "x");
      transmit(line, "z".repeat(10_000) + "end");
      line.close();
      reader.join();
      assertThat(client.getInputStream().readAllBytes()).hasSize(10_003);
    }
  }

  @Test
  void aSocketFileGoesWithTheLineAndOneThatWasLeftBehindIsReplaced(@TempDir Path directory)
      throws Exception {
    Path file = directory.resolve("serial.sock");
    try (ServerSocketChannel dead = ServerSocketChannel.open(StandardProtocolFamily.UNIX)) {
      dead.bind(UnixDomainSocketAddress.of(file));
    }
    assertThat(file).exists();
    try (SerialSocket line = SerialSocket.listen(new Endpoint.SocketFile(file))) {
      assertThat(line.endpoint()).hasToString(file.toString());
    }
    assertThat(file).doesNotExist();
  }

  @Test
  void anOrdinaryFileIsNotReplaced(@TempDir Path directory) throws Exception {
    Path file = Files.writeString(directory.resolve("precious"), "text");
    assertThatThrownBy(() -> SerialSocket.listen(new Endpoint.SocketFile(file)))
        .isInstanceOf(IOException.class);
    assertThat(file).hasContent("text");
  }

  @Test
  void aPortInUseIsRefused() throws Exception {
    try (ServerSocket taken = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      assertThatThrownBy(() -> SerialSocket.listen(Endpoint.loopback(taken.getLocalPort())))
          .isInstanceOf(IOException.class);
    }
  }
}
