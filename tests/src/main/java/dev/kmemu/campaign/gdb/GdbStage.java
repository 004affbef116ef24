package dev.kmemu.campaign.gdb;

import dev.kmemu.bench.PacketClient;
import dev.kmemu.campaign.Failure;
import dev.kmemu.campaign.Stage;
import dev.kmemu.campaign.StageOptions;
import dev.kmemu.campaign.Step;
import dev.kmemu.campaign.coverage.Coverage;
import dev.kmemu.campaign.coverage.FeatureTable;
import dev.kmemu.emulator.boot.EntryState;
import dev.kmemu.emulator.machine.Machine;
import dev.kmemu.emulator.machine.RamSize;
import dev.kmemu.emulator.memory.PhysicalAddress;
import dev.kmemu.gdb.server.GdbServer;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** A machine under a stub, and a client that asks. Registers are compared by {@code g}. */
final class GdbStage implements Stage {

  /** Packets that ask for nothing: what they do is an empty answer or an error. */
  static final List<String> NONSENSE =
      List.of(
          "m",
          "m0",
          "m0,",
          "mzz,1",
          "m0,ffffffffffffffffff",
          "M0,1:",
          "M0,2:00",
          "Mx,1:00",
          "P",
          "P0",
          "P999=00000000",
          "P0=zz",
          "p",
          "pfff",
          "Z",
          "Z9,0,1",
          "Z0,zz,1",
          "z0",
          "vNothing",
          "qNothing",
          "QNothing",
          "X0,4:a",
          "_",
          "H",
          "Hx1",
          "i",
          "G00",
          "A1,2",
          "B");

  private static final List<GdbVerb> VERBS = List.of(GdbVerb.values());
  private static final List<String> ANSWERS = List.of("data", "OK", "error", "empty", "stop");
  private static final long CODE = 0x40_0000;
  private static final long MEMORY = 0x80_0000;
  private static final String LOOP = "404390ebfb";
  private static final int RIP = 16;
  private static final int REGISTER_DIGITS = 16;
  private static final String STOPPED = "T05";

  static final List<FeatureTable> TABLES =
      List.of(
          new FeatureTable(
              "answer",
              VERBS.size() * ANSWERS.size(),
              i -> VERBS.get(i / ANSWERS.size()).word() + "/" + ANSWERS.get(i % ANSWERS.size())),
          new FeatureTable(
              "nonsense",
              NONSENSE.size() * ANSWERS.size(),
              i -> NONSENSE.get(i / ANSWERS.size()) + "/" + ANSWERS.get(i % ANSWERS.size())));

  private final Machine machine;
  private final GdbServer server;
  private final PacketClient client;
  private Coverage coverage = new Coverage(TABLES);
  private GdbModel model = new GdbModel();
  private long checks;
  private @Nullable Consumer<String> listener;

  GdbStage(StageOptions options) {
    machine = new Machine(options.unicorn(), RamSize.parse("16M"));
    byte[] code = HexFormat.of().parseHex(LOOP);
    machine.ram().write(new PhysicalAddress(CODE), code, 0, code.length);
    machine.onCpu(
        cpu -> {
          new EntryState.Protected32((int) CODE).apply(cpu);
          return cpu;
        });
    server =
        new GdbServer(
            machine.debugTarget(), new InetSocketAddress(InetAddress.getLoopbackAddress(), 0));
    try {
      server.start();
    } catch (IOException e) {
      machine.close();
      throw new UncheckedIOException("the stub can't listen on the loopback interface", e);
    }
    client = new PacketClient(server.address().getPort());
    client.ask("?");
  }

  /** Brings the machine to its start by packets, because a stub may keep what it has read. */
  @Override
  public void begin(Coverage target) {
    coverage = target;
    for (int kind = 0; kind < 2; kind++) {
      for (int i = 0; i < GdbModel.INSTRUCTIONS; i++) {
        client.ask(breakpoint("z", kind, i));
      }
    }
    model = new GdbModel();
    for (int i = 0; i < model.registers.length; i++) {
      client.ask("P" + i + "=" + littleEndian(0));
    }
    client.ask("P" + Integer.toHexString(RIP) + "=" + littleEndian((int) CODE));
    client.ask(
        String.format("M%x,%x:", MEMORY, GdbModel.MEMORY_BYTES)
            + "00".repeat(GdbModel.MEMORY_BYTES));
  }

  @Override
  public @Nullable Failure apply(Step step) {
    GdbVerb verb = (GdbVerb) step.verb();
    return switch (verb) {
      case READ_MEMORY -> {
        int count = count(step);
        String bytes = HexFormat.of().formatHex(model.memory, step.index(0), step.index(0) + count);
        yield ask(verb, String.format("m%x,%x", MEMORY + step.index(0), count), bytes);
      }
      case WRITE_MEMORY -> writeMemory(verb, step);
      case READ_REGISTER ->
          ask(verb, "p" + step.index(0), littleEndian(model.registers[step.index(0)]));
      case WRITE_REGISTER -> {
        int value = (int) GdbVerb.Operands.NUMBER.at(step.value(1));
        model.registers[step.index(0)] = value;
        yield ask(verb, "P" + step.index(0) + "=" + littleEndian(value), "OK");
      }
      case STEP -> {
        model.step();
        yield then(ask(verb, "s", STOPPED), verb);
      }
      case CONTINUE -> {
        if (!model.hasBreakpoint()) {
          yield null;
        }
        model.proceed();
        yield then(ask(verb, "c", STOPPED), verb);
      }
      case INSERT_BREAKPOINT -> {
        model.breakpoints[step.index(0)][step.index(1)] = true;
        yield ask(verb, breakpoint("Z", step.index(0), step.index(1)), "OK");
      }
      case REMOVE_BREAKPOINT -> {
        model.breakpoints[step.index(0)][step.index(1)] = false;
        yield ask(verb, breakpoint("z", step.index(0), step.index(1)), "OK");
      }
      case ALL_REGISTERS -> registers(verb);
      case NONSENSE -> nonsense(step.index(0));
    };
  }

  private @Nullable Failure writeMemory(GdbVerb verb, Step step) {
    int count = count(step);
    byte value = (byte) step.index(2);
    Arrays.fill(model.memory, step.index(0), step.index(0) + count, value);
    String packet =
        String.format("M%x,%x:", MEMORY + step.index(0), count)
            + HexFormat.of().toHexDigits(value).repeat(count);
    Failure failure = ask(verb, packet, "OK");
    return failure == null ? memory(verb) : failure;
  }

  private static int count(Step step) {
    return Math.min(step.index(1) + 1, GdbModel.MEMORY_BYTES - step.index(0));
  }

  private @Nullable Failure then(@Nullable Failure failure, GdbVerb verb) {
    return failure == null ? registers(verb) : failure;
  }

  private @Nullable Failure nonsense(int number) {
    String packet = NONSENSE.get(number);
    String reply = client.ask(packet);
    checks++;
    int answer = answer(reply);
    coverage.hit(1, number * ANSWERS.size() + answer);
    tell(packet, "an error or nothing", reply);
    boolean refused = reply.isEmpty() || reply.startsWith("E");
    if (!refused) {
      return Failure.of("answer", "nonsense", "an error or nothing to " + packet, reply);
    }
    Failure failure = registers(GdbVerb.NONSENSE);
    return failure == null ? memory(GdbVerb.NONSENSE) : failure;
  }

  /** Compares what the machine has in RAM. */
  private @Nullable Failure memory(GdbVerb verb) {
    byte[] bytes = new byte[GdbModel.MEMORY_BYTES];
    machine.ram().read(new PhysicalAddress(MEMORY), bytes, 0, bytes.length);
    checks++;
    return Arrays.equals(bytes, model.memory)
        ? null
        : Failure.of(
            "memory",
            verb.word(),
            HexFormat.of().formatHex(model.memory),
            HexFormat.of().formatHex(bytes));
  }

  /** Compares the general registers and EIP. */
  private @Nullable Failure registers(GdbVerb verb) {
    StringBuilder expected = new StringBuilder();
    for (int register : model.registers) {
      expected.append(littleEndian(register));
    }
    expected.append(" rip ");
    expected.append(littleEndian((int) CODE + GdbModel.offset(model.instruction())));
    String reply = shortened(client.ask("g"));
    checks++;
    tell("g", expected.toString(), reply);
    return reply.contentEquals(expected)
        ? null
        : Failure.of("registers", verb.word(), expected, reply);
  }

  /** Returns of all registers those that the model has. */
  private static String shortened(String all) {
    int rip = RIP * REGISTER_DIGITS;
    return all.length() < rip + REGISTER_DIGITS
        ? all
        : all.substring(0, REGISTER_DIGITS * 8)
            + " rip "
            + all.substring(rip, rip + REGISTER_DIGITS);
  }

  private @Nullable Failure ask(GdbVerb verb, String packet, String start) {
    String reply = client.ask(packet);
    checks++;
    coverage.hit(0, VERBS.indexOf(verb) * ANSWERS.size() + answer(reply));
    tell(packet, start, reply);
    return reply.startsWith(start)
        ? null
        : Failure.of("answer", verb.word(), start + " to " + packet, reply);
  }

  private void tell(String packet, String expected, String reply) {
    Consumer<String> told = listener;
    if (told != null) {
      told.accept("packet   " + packet);
      told.accept("expected " + expected);
      told.accept("got      " + reply);
    }
  }

  private static int answer(String reply) {
    if (reply.isEmpty()) {
      return ANSWERS.indexOf("empty");
    }
    return switch (reply.charAt(0)) {
      case 'O' -> ANSWERS.indexOf("OK");
      case 'E' -> ANSWERS.indexOf("error");
      case 'T', 'S' -> ANSWERS.indexOf("stop");
      default -> ANSWERS.indexOf("data");
    };
  }

  private static String breakpoint(String letter, int kind, int instruction) {
    return String.format("%s%d,%x,1", letter, kind, CODE + GdbModel.offset(instruction));
  }

  private static String littleEndian(int value) {
    return HexFormat.of().toHexDigits(Long.reverseBytes(Integer.toUnsignedLong(value)));
  }

  @Override
  public @Nullable Failure end() {
    Failure failure = registers(GdbVerb.ALL_REGISTERS);
    return failure == null ? memory(GdbVerb.ALL_REGISTERS) : failure;
  }

  @Override
  public void explainTo(@Nullable Consumer<String> newListener) {
    listener = newListener;
  }

  @Override
  public long checks() {
    return checks;
  }

  @Override
  public void close() {
    client.close();
    server.close();
    machine.close();
  }
}
