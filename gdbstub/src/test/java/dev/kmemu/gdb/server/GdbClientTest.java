package dev.kmemu.gdb.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.fail;

import dev.kmemu.emulator.cpu.Register;
import dev.kmemu.gdb.ToyCpu;
import dev.kmemu.gdb.ToyTarget;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** The real gdb against a toy machine. */
@Timeout(value = 60, unit = TimeUnit.SECONDS)
class GdbClientTest {

  private static final String SKIP = "kmemu.gdb.skip";

  private final ToyTarget target =
      new ToyTarget().withEverything().withMonitor(line -> "monitor saw " + line + "\n");
  private final GdbServer server =
      new GdbServer(target, new InetSocketAddress(InetAddress.getLoopbackAddress(), 0));

  private @Nullable ToyCpu cpu;

  @BeforeEach
  void start() throws IOException {
    Assumptions.assumeFalse(Boolean.getBoolean(SKIP), SKIP + " is set");
    cpu = new ToyCpu(target);
    server.start();
  }

  @AfterEach
  void stop() {
    server.close();
    if (cpu != null) {
      cpu.stop();
    }
  }

  @Test
  void registersAreShownByTheDescription() throws Exception {
    target.set(Register.RAX, 0x1234);
    target.set(Register.CR0, 0x8000_0001L);
    target.set(Register.FS_BASE, 0x7f00);
    String output =
        gdb("info registers", "p $xmm0.uint128", "p $ymm0.v8_int32", "p $st0", "p $cr0");
    assertThat(output)
        .containsPattern("rax +0x1234 ")
        .containsPattern("rip +0xffffffff80000000 ")
        .containsPattern("fs_base +0x7f00 ")
        .containsPattern("k_gs_base +0x0 ")
        .containsPattern("cr3 +0x0 ")
        .contains("[ PE PG ]");
  }

  @Test
  void memoryIsReadAndWritten() throws Exception {
    String output =
        gdb(
            "x/1bx 0",
            "x/2gx 0xffffffff80000000",
            "set var *(long *)0xffffffff80000008 = 0x1122334455667788",
            "x/2gx 0xffffffff80000000");
    assertThat(output)
        .contains("0x9090909090909090\t0x9090909090909090")
        .contains("0x9090909090909090\t0x1122334455667788")
        .contains("Cannot access memory at address 0x0");
  }

  @Test
  void breakpointsStepsAndContinueMoveTheCpu() throws Exception {
    String output =
        gdb(
            "break *0xffffffff80000010",
            "continue",
            "p/x $rip",
            "stepi",
            "p/x $rip",
            "p $rax",
            "delete",
            "hbreak *0xffffffff80000020",
            "continue",
            "p/x $rip",
            "set var $rax = 77",
            "p $rax");
    assertThat(output)
        .contains("Breakpoint 1, 0xffffffff80000010")
        .contains("= 0xffffffff80000010")
        .contains("= 0xffffffff80000011")
        .contains("= 17")
        .contains("Breakpoint 2, 0xffffffff80000020")
        .contains("= 77");
  }

  @Test
  void aRunningCpuIsInterrupted() throws Exception {
    String output =
        gdb(
            "python import threading, os, signal",
            "python gdb.events.cont.connect(lambda e:"
                + " threading.Timer(0.2, lambda: os.kill(os.getpid(), signal.SIGINT)).start())",
            "continue",
            "p/x $rip");
    assertThat(output).contains("received signal SIGINT").contains("= 0xffffffff80000");
  }

  @Test
  void aDetachedMachineIsAttachedAgain() throws Exception {
    assertThat(gdb("break *0xffffffff80000010", "continue", "detach")).contains("[Inferior 1");
    assertThat(target.breakpoints()).isEmpty();
    assertThat(gdb("p/x $rip")).contains("= 0xffffffff80000");
  }

  @Test
  void aSecondGdbShowsWhyItIsRefused() throws Exception {
    try (Socket first = new Socket(server.address().getAddress(), server.address().getPort())) {
      first.getOutputStream().write("$qC#b4".getBytes(StandardCharsets.US_ASCII));
      assertThat(first.getInputStream().read()).isEqualTo('+');
      assertThat(run(line("info registers"))).contains("another debugger is connected");
    }
  }

  @Test
  void monitorCommandsThreadsAndKill() throws Exception {
    String output = gdb("monitor info tlb", "info threads", "kill");
    assertThat(output).contains("monitor saw info tlb").contains("cpu0").contains("killed");
    assertThat(target.calls()).contains("kill");
  }

  @Test
  void systemRegistersReadAsTheManualNamesTheirBits() throws Exception {
    target.set(Register.CR4, 0x620);
    target.set(Register.DR6, 0xffff_4ff1L);
    target.set(Register.DR7, 0xd_0401L);
    target.set(Register.EFER, 0xd01);
    target.set(Register.TR_LIMIT, 0x67);
    target.set(Register.LSTAR, 0xffff_ffff_8000_0004L);
    String output =
        gdb("p $cr4", "p $dr6", "p $dr7", "p $efer", "p $tr_limit", "p/x $lstar", "set var $dr0=9");
    assertThat(output)
        .contains("[ PAE OSFXSR OSXMMEXCPT ]")
        .contains("= [ B0 BS ]")
        .contains("L0", "RW0=1 LEN0=3")
        .contains("[ SCE LME LMA NXE ]")
        .contains("= 103")
        .contains("= 0xffffffff80000004");
    assertThat(target.get(Register.DR0)).isEqualTo(9);
  }

  @Test
  void watchpointsStopBehindTheInstructionThatUsedTheByte() throws Exception {
    target.poke(ToyTarget.RAM.plus(3), 0xaa);
    target.poke(ToyTarget.RAM.plus(9), 0xac);
    target.set(Register.RDI, ToyTarget.RAM.value() + 0x103);
    target.set(Register.RSI, ToyTarget.RAM.value() + 0x103);
    String output =
        gdb(
            "watch *(int *)0xffffffff80000100",
            "rwatch *(char *)0xffffffff80000103",
            "continue",
            "p/x $rip",
            "continue",
            "p/x $rip",
            "delete",
            "watch *(long *)0xffffffff80000103");
    assertThat(output)
        .contains("Hardware watchpoint 1")
        .contains("Old value")
        .contains("= 0xffffffff80000004")
        .contains("Hardware read watchpoint 2")
        .contains("= 0xffffffff8000000a");
  }

  @Test
  void conditionsAreEvaluatedByTheStubAndItsCommandsPrint() throws Exception {
    String output =
        gdb(
            "set breakpoint condition-evaluation target",
            "break *0xffffffff80000010 if $rax == 0x1010 && *(char *)$rip == -112",
            "set dprintf-style agent",
            "dprintf *0xffffffff80000018,\"rax is %d at %p\\n\", $rax, $rip",
            "continue",
            "p/x $rax",
            "info breakpoints");
    assertThat(output)
        .contains("Breakpoint 1, 0xffffffff80000010")
        .contains("rax is 24 at 0xffffffff80000018")
        .contains("= 0x1010")
        .contains("target evals");
  }

  @Test
  void theCpuRunsBackwards() throws Exception {
    String output =
        gdb(
            "stepi",
            "stepi",
            "reverse-stepi",
            "p/x $rip",
            "stepi",
            "stepi",
            "break *0xffffffff80000001",
            "reverse-continue",
            "p $rax",
            "reverse-continue",
            "p/x $rip");
    assertThat(output)
        .contains("= 0xffffffff80000001")
        .contains("= 1\n")
        .contains("No more reverse-execution history")
        .contains("= 0xffffffff80000000");
  }

  @Test
  void memoryIsSearchedAndPhysicalMemoryRead() throws Exception {
    String output =
        gdb(
            "set var *(int *)0xffffffff80000ffc = 0x11223344",
            "find /w 0xffffffff80000000, 0xffffffff80000fff, 0x11223344",
            "info mem",
            "maintenance packet Qqemu.PhyMemMode:1",
            "maintenance flush dcache",
            "x/1wx 0xffc");
    assertThat(output)
        .contains("0xffffffff80000ffc\n1 pattern found")
        .contains("0x8000000000000000")
        .contains("0xffc:\t0x11223344");
  }

  private String gdb(String... commands) throws IOException, InterruptedException {
    return run(line(commands));
  }

  private List<String> line(String... commands) {
    List<String> line = new ArrayList<>(List.of("gdb", "-nx", "-q", "-batch"));
    InetSocketAddress address = server.address();
    add(line, "set confirm off");
    add(line, "target remote " + address.getAddress().getHostAddress() + ":" + address.getPort());
    for (String command : commands) {
      add(line, command);
    }
    return line;
  }

  private static void add(List<String> line, String command) {
    line.add("-ex");
    line.add(command);
  }

  private static String run(List<String> line) throws IOException, InterruptedException {
    Process gdb;
    try {
      gdb = new ProcessBuilder(line).redirectErrorStream(true).start();
    } catch (IOException e) {
      return fail("gdb doesn't start; install gdb 13 or newer, or set -D" + SKIP + "=true", e);
    }
    try {
      gdb.getOutputStream().close();
      String output = new String(gdb.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
      gdb.waitFor();
      return output;
    } finally {
      gdb.destroyForcibly();
    }
  }
}
