package dev.kmemu.testkit.gdb;

import dev.kmemu.emulator.cpu.Register;
import dev.kmemu.emulator.debug.DebugTarget;
import dev.kmemu.emulator.memory.VirtualAddress;
import dev.kmemu.gdb.server.GdbServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.EnumMap;
import java.util.HexFormat;
import java.util.Map;

/**
 * A debugger attached to a machine's GDB stub over TCP: what gdb would see, without gdb. While it
 * is attached the CPU is paused, unless {@link #resume} lets it run.
 *
 * <pre>{@code
 * gdb.setBreakpoint(kva);
 * gdb.resume();
 * assertThat(gdb.awaitStop()).startsWith("T05");
 * assertThat(gdb.readRegisters()).containsEntry(Register.RIP, kva.value());
 * }</pre>
 *
 * <p>One thread at a time.
 */
public final class Gdb implements AutoCloseable {

  /** In the order of gdb's target description of x86-64: 64-bit ones. */
  private static final Register[] GENERAL = {
    Register.RAX,
    Register.RBX,
    Register.RCX,
    Register.RDX,
    Register.RSI,
    Register.RDI,
    Register.RBP,
    Register.RSP,
    Register.R8,
    Register.R9,
    Register.R10,
    Register.R11,
    Register.R12,
    Register.R13,
    Register.R14,
    Register.R15,
    Register.RIP
  };

  private static final int RFLAGS_NUMBER = 17;
  private static final HexFormat HEX = HexFormat.of();

  private final GdbServer server;
  private final PacketConnection connection;

  private Gdb(GdbServer server) {
    this.server = server;
    connection = new PacketConnection(server.address());
    ask("qSupported:swbreak+;hwbreak+");
    expectOk("QStartNoAckMode");
    connection.stopAcknowledging();
    String unused = ask("?");
  }

  /** Starts a stub for {@code target} on a port of the loopback interface, and attaches to it. */
  public static Gdb attach(DebugTarget target) {
    GdbServer server =
        new GdbServer(target, new InetSocketAddress(InetAddress.getLoopbackAddress(), 0));
    try {
      server.start();
      return new Gdb(server);
    } catch (IOException e) {
      server.close();
      throw new GdbException("the stub can't listen on the loopback interface", e);
    } catch (RuntimeException e) {
      server.close();
      throw e;
    }
  }

  /** Returns where the stub listens; gdb itself can attach there once this client is closed. */
  public InetSocketAddress address() {
    return server.address();
  }

  /**
   * Sends any packet and returns the reply, console output left out.
   *
   * @param payload what stands between {@code $} and {@code #}
   */
  public String ask(String payload) {
    connection.send(payload);
    String reply = connection.receive(payload);
    while (isConsole(reply)) {
      reply = connection.receive(payload);
    }
    return reply;
  }

  private static boolean isConsole(String reply) {
    return reply.length() > 1 && reply.charAt(0) == 'O' && !reply.equals("OK");
  }

  private void expectOk(String payload) {
    requireNoError(payload, ask(payload));
  }

  private static String requireNoError(String payload, String reply) {
    if (reply.isEmpty()) {
      throw new GdbException("the stub doesn't know " + payload);
    }
    if (reply.charAt(0) == 'E') {
      throw new GdbException("the stub refuses " + payload + ": " + reply);
    }
    return reply;
  }

  /**
   * Reads memory ({@code m}).
   *
   * @throws GdbException when the first byte can't be read; fewer bytes come back when a later one
   *     can't
   */
  public byte[] readMemory(VirtualAddress address, int length) {
    String packet = String.format("m%x,%x", address.value(), length);
    return HEX.parseHex(requireNoError(packet, ask(packet)));
  }

  /**
   * Writes memory ({@code M}).
   *
   * @throws GdbException when it can't all be written
   */
  public void writeMemory(VirtualAddress address, byte[] bytes) {
    expectOk(String.format("M%x,%x:%s", address.value(), bytes.length, HEX.formatHex(bytes)));
  }

  /** Reads the general registers, RIP and RFLAGS ({@code g}). */
  public Map<Register, Long> readRegisters() {
    byte[] bytes = HEX.parseHex(requireNoError("g", ask("g")));
    ByteBuffer values = ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN);
    Map<Register, Long> registers = new EnumMap<>(Register.class);
    for (Register register : GENERAL) {
      registers.put(register, values.getLong());
    }
    registers.put(Register.RFLAGS, Integer.toUnsignedLong(values.getInt()));
    return registers;
  }

  /**
   * Sets a general register, RIP or RFLAGS ({@code P}).
   *
   * @throws IllegalArgumentException for another register
   */
  public void writeRegister(Register register, long value) {
    int number = register == Register.RFLAGS ? RFLAGS_NUMBER : number(register);
    int bytes = register == Register.RFLAGS ? Integer.BYTES : Long.BYTES;
    ByteBuffer buffer = ByteBuffer.allocate(Long.BYTES).order(ByteOrder.LITTLE_ENDIAN);
    String digits = HEX.formatHex(buffer.putLong(value).array(), 0, bytes);
    expectOk(String.format("P%x=%s", number, digits));
  }

  private static int number(Register register) {
    for (int i = 0; i < GENERAL.length; i++) {
      if (GENERAL[i] == register) {
        return i;
      }
    }
    throw new IllegalArgumentException(
        register + ": give a general register, RIP or RFLAGS; ask(\"P...\") reaches the others");
  }

  /** Sets a breakpoint ({@code Z0}), which guest memory doesn't show. */
  public void setBreakpoint(VirtualAddress address) {
    expectOk(String.format("Z0,%x,1", address.value()));
  }

  /** Takes a breakpoint away ({@code z0}). */
  public void removeBreakpoint(VirtualAddress address) {
    expectOk(String.format("z0,%x,1", address.value()));
  }

  /** Lets the CPU run ({@code c}); {@link #awaitStop} tells why it stopped. */
  public void resume() {
    connection.send("c");
  }

  /** Stops a running CPU (Ctrl-C); {@link #awaitStop} tells that it has. */
  public void interrupt() {
    connection.interrupt();
  }

  /** Waits for the stop of a running CPU and returns the stop reply, such as {@code T05...}. */
  public String awaitStop() {
    String reply = connection.receive("c");
    while (isConsole(reply)) {
      reply = connection.receive("c");
    }
    return reply;
  }

  /** Executes one instruction ({@code s}) and returns the stop reply. */
  public String step() {
    return requireNoError("s", ask("s"));
  }

  /** Executes a monitor command ({@code qRcmd}) and returns what a user reads. */
  public String monitor(String command) {
    String packet = "qRcmd," + HEX.formatHex(command.getBytes(StandardCharsets.UTF_8));
    connection.send(packet);
    StringBuilder text = new StringBuilder();
    while (true) {
      String reply = requireNoError(packet, connection.receive(packet));
      if (reply.equals("OK")) {
        return text.toString();
      }
      boolean console = isConsole(reply);
      text.append(
          new String(HEX.parseHex(console ? reply.substring(1) : reply), StandardCharsets.UTF_8));
      if (!console) {
        return text.toString();
      }
    }
  }

  /** Detaches; the CPU stays paused or running as the stub leaves it. Idempotent. */
  @Override
  public void close() {
    connection.close();
    server.close();
  }
}
