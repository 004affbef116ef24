package dev.kmemu.campaign.gdb;

import dev.kmemu.bench.PacketClient;
import dev.kmemu.campaign.Failure;
import dev.kmemu.campaign.Stage;
import dev.kmemu.campaign.StageOptions;
import dev.kmemu.campaign.Step;
import dev.kmemu.campaign.coverage.Coverage;
import dev.kmemu.campaign.coverage.FeatureTable;
import dev.kmemu.emulator.boot.EntryState;
import dev.kmemu.emulator.debug.DebugTarget;
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
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/** A machine under a stub, and a client that asks. Registers are compared by {@code g}. */
final class GdbStage implements Stage {

  private static final List<GdbVerb> VERBS = List.of(GdbVerb.values());
  private static final long MEMORY = 0x80_0000;
  private static final String LOOP = "404390ebfb";
  private static final String STOPPED = "T05";

  static final List<FeatureTable> TABLES =
      List.of(
          new FeatureTable(
              "answer",
              VERBS.size() * GdbText.ANSWERS.size(),
              i ->
                  VERBS.get(i / GdbText.ANSWERS.size()).word()
                      + "/"
                      + GdbText.ANSWERS.get(i % GdbText.ANSWERS.size())),
          new FeatureTable(
              "nonsense",
              GdbText.NONSENSE.size() * GdbText.ANSWERS.size(),
              i ->
                  GdbText.NONSENSE.get(i / GdbText.ANSWERS.size())
                      + "/"
                      + GdbText.ANSWERS.get(i % GdbText.ANSWERS.size())));

  private final Machine machine;
  private final GdbServer server;
  private final PacketClient client;
  private Coverage coverage = new Coverage(TABLES);
  private GdbModel model = new GdbModel();
  private long checks;
  private @Nullable Consumer<String> listener;

  GdbStage(StageOptions options) {
    this(options, target -> target);
  }

  /** Creates it over what {@code debugged} makes of the machine, for tests of the suite. */
  GdbStage(StageOptions options, UnaryOperator<DebugTarget> debugged) {
    machine = new Machine(options.unicorn(), RamSize.parse("16M"));
    byte[] code = HexFormat.of().parseHex(LOOP);
    machine.ram().write(new PhysicalAddress(GdbText.CODE), code, 0, code.length);
    machine.onCpu(
        cpu -> {
          new EntryState.Protected32((int) GdbText.CODE).apply(cpu);
          return cpu;
        });
    server =
        new GdbServer(
            debugged.apply(machine.debugTarget()),
            new InetSocketAddress(InetAddress.getLoopbackAddress(), 0));
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
        client.ask(GdbText.breakpoint("z", kind, i));
      }
    }
    model = new GdbModel();
    for (int i = 0; i < model.registers.length; i++) {
      client.ask("P" + i + "=" + GdbText.littleEndian(0));
    }
    client.ask(
        "P" + Integer.toHexString(GdbText.RIP) + "=" + GdbText.littleEndian((int) GdbText.CODE));
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
          ask(verb, "p" + step.index(0), GdbText.littleEndian(model.registers[step.index(0)]));
      case WRITE_REGISTER -> {
        int value = (int) GdbVerb.Operands.NUMBER.at(step.value(1));
        model.registers[step.index(0)] = value;
        yield ask(verb, "P" + step.index(0) + "=" + GdbText.littleEndian(value), "OK");
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
        yield ask(verb, GdbText.breakpoint("Z", step.index(0), step.index(1)), "OK");
      }
      case REMOVE_BREAKPOINT -> {
        model.breakpoints[step.index(0)][step.index(1)] = false;
        yield ask(verb, GdbText.breakpoint("z", step.index(0), step.index(1)), "OK");
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
    String packet = GdbText.NONSENSE.get(number);
    String reply = client.ask(packet);
    checks++;
    int answer = GdbText.answer(reply);
    coverage.hit(1, number * GdbText.ANSWERS.size() + answer);
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
      expected.append(GdbText.littleEndian(register));
    }
    expected.append(" rip ");
    expected.append(
        GdbText.littleEndian((int) GdbText.CODE + GdbModel.offset(model.instruction())));
    String reply = GdbText.shortened(client.ask("g"));
    checks++;
    tell("g", expected.toString(), reply);
    return reply.contentEquals(expected)
        ? null
        : Failure.of("registers", verb.word(), expected, reply);
  }

  private @Nullable Failure ask(GdbVerb verb, String packet, String start) {
    String reply = client.ask(packet);
    checks++;
    coverage.hit(0, VERBS.indexOf(verb) * GdbText.ANSWERS.size() + GdbText.answer(reply));
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
