package dev.kmemu.gdb;

import static org.assertj.core.api.Assertions.assertThat;

import dev.kmemu.emulator.debug.DebugTarget;
import dev.kmemu.emulator.memory.VirtualAddress;
import dev.kmemu.gdb.server.Endpoint;
import dev.kmemu.gdb.server.GdbServer;
import java.io.IOException;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/**
 * What the protocol promises of any machine, over TCP. A machine that lacks a capability is held to
 * not announcing it. For a subclass with a machine whose CPU executes the same few instructions
 * over and over.
 */
@Timeout(60)
public abstract class ProtocolSuite {

  private static final String RIP = "p10";

  private final VirtualAddress scratch;

  private Optional<GdbServer> server = Optional.empty();
  private Optional<SocketDebugger> connected = Optional.empty();

  /**
   * Creates the suite.
   *
   * @param scratch 64 bytes of RAM, aligned, that the machine's program doesn't use
   */
  protected ProtocolSuite(VirtualAddress scratch) {
    this.scratch = scratch;
  }

  /** Returns the machine of this test, always the same; it has no debugger at first. */
  protected abstract DebugTarget target();

  @BeforeEach
  final void connect() throws IOException {
    server = Optional.of(new GdbServer(target(), Endpoint.loopback(0)));
    server.get().start();
    connected = Optional.of(new SocketDebugger(server.get().address()));
  }

  @AfterEach
  final void disconnect() throws IOException {
    gdb().close();
    server.orElseThrow().close();
  }

  private SocketDebugger gdb() {
    return connected.orElseThrow();
  }

  @Test
  void whatIsAnnouncedIsAnsweredAndWhatTheMachineLacksIsNot() throws IOException {
    String offers = gdb().ask("qSupported:swbreak+;hwbreak+;error-message+;no-resumed+");
    for (String offer : List.of(offers.split(";", -1))) {
      if (offer.startsWith("qXfer:")) {
        String annex = offer.contains("features") ? "target.xml" : "";
        String packet = offer.substring(0, offer.length() - 1) + ":" + annex + ":0,7fff";
        assertThat(gdb().ask(packet)).as(packet).startsWith("l<?xml");
      }
    }
    assertThat(offers.contains("ConditionalBreakpoints+"))
        .isEqualTo(target().conditionalBreakpoints().isPresent());
    assertThat(offers.contains("ReverseStep+;ReverseContinue+"))
        .isEqualTo(target().reverseExecution().isPresent());
    assertThat(offers.contains("memory-map")).isEqualTo(target().ramBytes() != 0);
    assertThat(gdb().ask("qqemu.Supported").contains("PhyMemMode"))
        .isEqualTo(target().physicalMemory().isPresent());
    assertThat(gdb().ask("z2," + at(0) + ",1").isEmpty())
        .isEqualTo(target().watchpoints().isEmpty());
  }

  @Test
  void registersThatWereReadCanBeWrittenBack() throws IOException {
    String all = gdb().ask("g");
    assertThat(gdb().ask("G" + all)).isEqualTo("OK");
    assertThat(gdb().ask("g")).isEqualTo(all);
    String rbx = gdb().ask("p1");
    assertThat(gdb().ask("P1=efcdab8967452301")).isEqualTo("OK");
    assertThat(gdb().ask("p1")).isEqualTo("efcdab8967452301");
    assertThat(gdb().ask("g").substring(16, 32)).isEqualTo("efcdab8967452301");
    assertThat(gdb().ask("P1=" + rbx)).isEqualTo("OK");
  }

  @Test
  void memoryReadsAsItWasWrittenByEveryPacket() throws IOException {
    assertThat(gdb().ask("M" + at(0) + ",4:00ff2a7d")).isEqualTo("OK");
    assertThat(gdb().ask("m" + at(0) + ",4")).isEqualTo("00ff2a7d");
    assertThat(gdb().ask("X" + at(4) + ",4:#$}*")).isEqualTo("OK");
    assertThat(gdb().ask("x" + at(0) + ",8")).isEqualTo("\u0000\u00ff*}#$}*");
    assertThat(gdb().ask("qSearch:memory:" + at(0) + ";40;#$}*")).isEqualTo("1," + at(4));
    assertThat(gdb().ask("M" + at(0) + ",9:313233343536373839")).isEqualTo("OK");
    assertThat(gdb().ask("qCRC:" + at(0) + ",9")).isEqualTo("C376e6e7");
  }

  @Test
  void everyStepExecutesOneInstruction() throws IOException {
    String before = gdb().ask(RIP);
    for (int i = 0; i < 200; i++) {
      assertThat(gdb().ask("s")).startsWith("T05thread:1;");
      String after = gdb().ask(RIP);
      assertThat(after).as("step %d", i).isNotEqualTo(before);
      before = after;
    }
  }

  @Test
  void aBreakpointInTheLoopIsHitAgainAndAgain() throws IOException {
    gdb().ask("qSupported:swbreak+;hwbreak+");
    gdb().ask("s");
    String rip = gdb().ask(RIP);
    for (String type : new String[] {"0", "1"}) {
      assertThat(gdb().ask("Z" + type + "," + address(rip) + ",1")).isEqualTo("OK");
      for (int i = 0; i < 3; i++) {
        assertThat(gdb().ask("c")).startsWith(type.equals("0") ? "T05swbreak:" : "T05hwbreak:");
        assertThat(gdb().ask(RIP)).isEqualTo(rip);
      }
      assertThat(gdb().ask("z" + type + "," + address(rip) + ",1")).isEqualTo("OK");
    }
    gdb().send("c");
    gdb().interrupt();
    assertThat(gdb().receive()).as("both are gone").startsWith("T02");
  }

  @Test
  void aConditionDecidesWhetherTheCpuStops() throws IOException {
    if (target().conditionalBreakpoints().isEmpty()) {
      return;
    }
    gdb().ask("s");
    String rip = address(gdb().ask(RIP));
    assertThat(gdb().ask("Z0," + rip + ",1;X3,220027")).as("never").isEqualTo("OK");
    gdb().send("c");
    gdb().interrupt();
    assertThat(gdb().receive()).startsWith("T02");
    assertThat(gdb().ask("Z0," + rip + ",1;X7,26001022001327")).as("rip == 0").isEqualTo("OK");
    gdb().send("c");
    gdb().interrupt();
    assertThat(gdb().receive()).startsWith("T02");
    assertThat(gdb().ask("Z0," + rip + ",1;X3,220127")).as("always").isEqualTo("OK");
    assertThat(gdb().ask("c")).startsWith("T05");
    assertThat(address(gdb().ask(RIP))).isEqualTo(rip);
  }

  @Test
  void aRangeIsSteppedThroughUntilAnInterrupt() throws IOException {
    gdb().send("vCont;r0,ffffffffffffffff:1");
    gdb().interrupt();
    assertThat(gdb().receive()).startsWith("T02");
  }

  @Test
  void watchpointsAreGivenUntilThereAreNoMore() throws IOException {
    if (target().watchpoints().isEmpty()) {
      return;
    }
    int capacity = target().watchpoints().get().capacity();
    for (int i = 0; i < capacity; i++) {
      assertThat(gdb().ask("Z2," + at(8 * i) + ",8")).isEqualTo("OK");
    }
    assertThat(gdb().ask("Z4," + at(8 * capacity) + ",8")).isEqualTo("E16");
    gdb().send("c");
    gdb().interrupt();
    assertThat(gdb().receive()).as("nobody uses those bytes").startsWith("T02");
    for (int i = 0; i < capacity; i++) {
      assertThat(gdb().ask("z2," + at(8 * i) + ",8")).isEqualTo("OK");
    }
    assertThat(gdb().ask("Z4," + at(1) + ",8")).as("four pieces").isEqualTo("OK");
  }

  @Test
  void aStepIsUndone() throws IOException {
    if (target().reverseExecution().isEmpty()) {
      assertThat(gdb().ask("bs")).isEmpty();
      return;
    }
    gdb().ask("s");
    String all = gdb().ask("g");
    assertThat(gdb().ask("s")).startsWith("T05");
    assertThat(gdb().ask("bs")).startsWith("T05thread:1;");
    assertThat(gdb().ask("g")).isEqualTo(all);
    assertThat(gdb().ask("bc")).startsWith("T05replaylog:begin;");
  }

  @Test
  void physicalMemoryIsReadWhenChosen() throws IOException {
    if (target().physicalMemory().isEmpty()) {
      assertThat(gdb().ask("qqemu.PhyMemMode")).isEmpty();
      return;
    }
    assertThat(gdb().ask("Qqemu.PhyMemMode:1")).isEqualTo("OK");
    assertThat(gdb().ask("m0,8")).hasSize(16);
    assertThat(gdb().ask("m" + at(0) + ",8")).isEqualTo("E0e");
    assertThat(gdb().ask("Qqemu.PhyMemMode:0")).isEqualTo("OK");
    assertThat(gdb().ask("m" + at(0) + ",8")).hasSize(16);
  }

  @Test
  void theRangeAroundRamIsKnown() throws IOException {
    String region = gdb().ask("qMemoryRegionInfo:" + at(0));
    if (target().rangeAt(scratch).isEmpty()) {
      assertThat(region).isEmpty();
    } else {
      assertThat(region).startsWith("start:").contains(";permissions:rw");
    }
  }

  @Test
  void aMachineThatWasLetGoIsTakenAgain() throws IOException {
    assertThat(gdb().ask("Z0," + at(0) + ",1")).isEqualTo("OK");
    assertThat(gdb().ask("D")).isEqualTo("OK");
    try (SocketDebugger next = new SocketDebugger(server.orElseThrow().address())) {
      assertThat(next.ask("?")).startsWith("T02");
    }
  }

  private String at(int offset) {
    return Long.toHexString(scratch.value() + offset);
  }

  /** Returns a 64-bit register's value in memory order as a packet has an address. */
  private static String address(String register) {
    return Long.toHexString(Long.reverseBytes(Long.parseUnsignedLong(register, 16)));
  }
}
