package dev.kmemu.bench;

import dev.kmemu.emulator.boot.EntryState;
import dev.kmemu.emulator.machine.Machine;
import dev.kmemu.emulator.machine.RamSize;
import dev.kmemu.emulator.memory.PhysicalAddress;
import dev.kmemu.emulator.unicorn.Unicorn;
import dev.kmemu.gdb.server.GdbServer;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;

/** A GDB stub with a machine that stands at {@link DebuggedLoop#LOOP}. */
interface StubUnderTest extends AutoCloseable {

  /** Returns the TCP port on the loopback interface. */
  int port();

  @Override
  void close();

  /** Starts ours. */
  static StubUnderTest kmemu(Unicorn unicorn) {
    Machine machine = new Machine(unicorn, RamSize.parse("64M"));
    byte[] image = DebuggedLoop.image();
    machine.ram().write(new PhysicalAddress(DebuggedLoop.ADDRESS), image, 0, image.length);
    machine.onCpu(
        cpu -> {
          new EntryState.Protected32(DebuggedLoop.LOOP).apply(cpu);
          return cpu;
        });
    GdbServer server =
        new GdbServer(
            machine.debugTarget(), new InetSocketAddress(InetAddress.getLoopbackAddress(), 0));
    try {
      server.start();
    } catch (IOException e) {
      machine.close();
      throw new UncheckedIOException("our stub can't listen", e);
    }
    return new StubUnderTest() {
      @Override
      public int port() {
        return server.address().getPort();
      }

      @Override
      public void close() {
        server.close();
        machine.close();
      }
    };
  }

  /** Starts QEMU's, without KVM; empty when there is no QEMU here. */
  static Optional<StubUnderTest> qemu() {
    try {
      Path image = Files.createTempFile("kmemu-bench", ".img");
      Files.write(image, DebuggedLoop.image());
      int port = freePort();
      Process process =
          new ProcessBuilder(
                  "qemu-system-x86_64",
                  "-accel",
                  "tcg",
                  "-m",
                  "64",
                  "-display",
                  "none",
                  "-nodefaults",
                  "-kernel",
                  image.toString(),
                  "-S",
                  "-gdb",
                  "tcp:127.0.0.1:" + port)
              .redirectErrorStream(true)
              .redirectOutput(ProcessBuilder.Redirect.DISCARD)
              .start();
      return Optional.of(
          new StubUnderTest() {
            @Override
            public int port() {
              return port;
            }

            @Override
            public void close() {
              process.destroy();
              image.toFile().delete();
            }
          });
    } catch (IOException e) {
      return Optional.empty();
    }
  }

  private static int freePort() throws IOException {
    try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      return socket.getLocalPort();
    }
  }
}
