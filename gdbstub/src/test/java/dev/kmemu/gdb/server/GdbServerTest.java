package dev.kmemu.gdb.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.kmemu.gdb.ToyTarget;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

class GdbServerTest {

  private static final InetSocketAddress ANY_PORT =
      new InetSocketAddress(InetAddress.getLoopbackAddress(), 0);

  private final ToyTarget target = new ToyTarget();

  @Test
  void anyFreePortIsReportedOnceListening() throws IOException {
    try (GdbServer server = new GdbServer(target, ANY_PORT)) {
      assertThatThrownBy(server::address).isInstanceOf(IllegalStateException.class);
      server.start();
      assertThat(server.address().getPort()).isPositive();
      assertThatThrownBy(server::start).isInstanceOf(IllegalStateException.class);
    }
  }

  @Test
  void eachConnectionIsToldOfBeforeItsFirstPacket() throws IOException {
    AtomicInteger arrivals = new AtomicInteger();
    try (GdbServer server = new GdbServer(target, ANY_PORT)) {
      server.setArrival(arrivals::incrementAndGet);
      server.start();
      for (int connection = 1; connection <= 2; connection++) {
        try (Client client = new Client(server)) {
          client.ask("$qC#b4", "#c5");
          assertThat(arrivals).hasValue(connection);
        }
      }
    }
  }

  @Test
  void aPortThatIsTakenIsNamedInTheError() throws IOException {
    try (GdbServer server = new GdbServer(target, ANY_PORT)) {
      server.start();
      try (GdbServer other = new GdbServer(target, server.address())) {
        assertThatThrownBy(other::start)
            .isInstanceOf(IOException.class)
            .hasMessageContaining(String.valueOf(server.address().getPort()))
            .hasMessageContaining("choose another port");
      }
    }
  }

  @Test
  void aSecondClientIsToldWhyAndTheNextIsServedAfterTheFirstIsGone() throws IOException {
    try (GdbServer server = new GdbServer(target, ANY_PORT)) {
      server.start();
      try (Client first = new Client(server)) {
        assertThat(first.ask("$qC#b4", "#c5")).isEqualTo("+$QC1#c5");
        try (Client second = new Client(server)) {
          assertThat(second.askToTheEnd("$qC#b4")).contains("E.another debugger is connected");
        }
      }
      try (Client third = new Client(server)) {
        assertThat(third.ask("$qC#b4", "#c5")).isEqualTo("+$QC1#c5");
      }
    }
  }

  @Test
  void aConnectionThatIsResetInTheMiddleOfAPacketIsADisconnect() throws Exception {
    try (GdbServer server = new GdbServer(target, ANY_PORT)) {
      server.start();
      try (Client first = new Client(server)) {
        first.ask("$qC#b4", "#c5");
        first.send("$mffff");
        first.socket.setSoLinger(true, 0);
      }
      try (Client next = new Client(server)) {
        assertThat(next.ask("$qC#b4", "#c5")).isEqualTo("+$QC1#c5");
      }
      assertThat(target.calls())
          .containsSubsequence("attach", "disconnect", "attach")
          .doesNotContain("CONTINUE");
    }
  }

  @Test
  void closingTheServerDetachesTheClientAndLetsTheMachineRun() throws IOException {
    GdbServer server = new GdbServer(target, ANY_PORT);
    server.start();
    try (Client client = new Client(server)) {
      client.ask("$qC#b4", "#c5");
      server.close();
      assertThat(target.calls()).endsWith("detach", "CONTINUE");
      assertThat(client.askToTheEnd("")).isEmpty();
    }
    server.close();
  }

  /** A bare socket. */
  private static final class Client implements AutoCloseable {

    private final Socket socket;

    Client(GdbServer server) throws IOException {
      socket = new Socket(server.address().getAddress(), server.address().getPort());
    }

    String ask(String bytes, String end) throws IOException {
      send(bytes);
      StringBuilder text = new StringBuilder();
      InputStream in = socket.getInputStream();
      while (text.indexOf(end) < 0) {
        int octet = in.read();
        if (octet < 0) {
          throw new IOException("the server hung up after " + text);
        }
        text.append((char) octet);
      }
      return text.toString();
    }

    String askToTheEnd(String bytes) throws IOException {
      send(bytes);
      return new String(socket.getInputStream().readAllBytes(), StandardCharsets.ISO_8859_1);
    }

    private void send(String bytes) throws IOException {
      OutputStream out = socket.getOutputStream();
      out.write(bytes.getBytes(StandardCharsets.ISO_8859_1));
    }

    @Override
    public void close() throws IOException {
      socket.close();
    }
  }
}
