package dev.kmemu.gdb.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.fail;

import dev.kmemu.emulator.cpu.Register;
import dev.kmemu.gdb.ToyCpu;
import dev.kmemu.gdb.ToyTarget;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** The real lldb against a toy machine. */
@Timeout(value = 60, unit = TimeUnit.SECONDS)
class LldbClientTest {

  private static final String SKIP = "kmemu.lldb.skip";

  @Test
  void aSessionOfLldbIsServed() throws Exception {
    Assumptions.assumeFalse(Boolean.getBoolean(SKIP), SKIP + " is set");
    ToyTarget target = new ToyTarget().withEverything();
    target.set(Register.CR0, 0x8000_0001L);
    target.set(Register.RDI, ToyTarget.RAM.value() + 0x100);
    target.poke(ToyTarget.RAM.plus(0x20), 0xaa);
    ToyCpu cpu = new ToyCpu(target);
    try (GdbServer server =
        new GdbServer(target, new InetSocketAddress(InetAddress.getLoopbackAddress(), 0))) {
      server.start();
      String output =
          lldb(
              "gdb-remote 127.0.0.1:" + server.address().getPort(),
              "register read cr0",
              "memory read --size 8 --format x --count 1 0xffffffff80000000",
              "breakpoint set -a 0xffffffff80000010",
              "process continue",
              "thread step-inst",
              "register read rip",
              "memory region 0xffffffff80000000",
              "breakpoint disable",
              "watchpoint set expression -w write -s 1 -- 0xffffffff80000100",
              "process continue",
              "register read rip",
              "process detach");
      assertThat(output)
          .contains("cr0 = 0x0000000080000001")
          .contains("0xffffffff80000000: 0x9090909090909090")
          .contains("stop reason = breakpoint 1.1")
          .contains("stop reason = instruction step into")
          .contains("rip = 0xffffffff80000011")
          .contains("[0xffffffff80000000-0xffffffff80001000) rwx")
          .contains("stop reason = watchpoint 1")
          .contains("rip = 0xffffffff80000021")
          .contains("Process 1 detached");
    } finally {
      cpu.stop();
    }
  }

  private static String lldb(String... commands) throws IOException, InterruptedException {
    List<String> line = new ArrayList<>(List.of("lldb", "--no-lldbinit", "--batch"));
    for (String command : commands) {
      line.add("-o");
      line.add(command);
    }
    Process lldb;
    try {
      lldb = new ProcessBuilder(line).redirectErrorStream(true).start();
    } catch (IOException e) {
      return fail("lldb doesn't start; install lldb 14 or newer, or set -D" + SKIP + "=true", e);
    }
    try {
      lldb.getOutputStream().close();
      String output = new String(lldb.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
      lldb.waitFor();
      return output;
    } finally {
      lldb.destroyForcibly();
    }
  }
}
