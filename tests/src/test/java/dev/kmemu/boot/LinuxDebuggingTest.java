package dev.kmemu.boot;

import static org.assertj.core.api.Assertions.assertThat;

import dev.kmemu.emulator.machine.GuestOutcome;
import dev.kmemu.emulator.time.TimeMode;
import dev.kmemu.gdb.server.Endpoint;
import dev.kmemu.gdb.server.GdbServer;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A real gdb on a distribution's Linux that boots, with the symbols that the kernel itself has. */
class LinuxDebuggingTest {

  private static final String SYMBOLS_AND_END =
      """
      #!/bin/busybox sh
      /bin/busybox mount -t proc proc /proc
      /bin/busybox grep -E ' (_text|start_kernel|rest_init|linux_banner|_end)$' /proc/kallsyms
      /bin/busybox reboot -f
      """;

  private static BootedPc linux() throws IOException {
    return new BootedPc(
        GuestImages.cloudKernel(),
        "128M",
        TimeMode.WALL,
        new UserSpace(SYMBOLS_AND_END).request("console=ttyS0 panic=-1 nokaslr"));
  }

  private static String gdb(GdbServer server, String... commands) throws Exception {
    List<String> line = new ArrayList<>(List.of("gdb", "-nx", "-q", "-batch"));
    List<String> before =
        List.of("set architecture i386:x86-64", "target remote " + address(server));
    for (String command : before) {
      line.addAll(List.of("-ex", command));
    }
    for (String command : commands) {
      line.addAll(List.of("-ex", command));
    }
    Process gdb = new ProcessBuilder(line).redirectErrorStream(true).start();
    gdb.getOutputStream().close();
    String said = new String(gdb.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    gdb.waitFor();
    return said;
  }

  private static String address(GdbServer server) {
    return "127.0.0.1:" + server.address().getPort();
  }

  @Test
  void gdbBreaksAtAFunctionByItsNameBeforeTheKernelHasPaging(@TempDir Path directory)
      throws Exception {
    Path symbols = directory.resolve("kallsyms");
    try (BootedPc linux = linux()) {
      assertThat(linux.run()).as("%s", linux.serial()).isEqualTo(new GuestOutcome.Rebooted());
      Files.writeString(symbols, linux.serial());
    }
    Path script = Path.of(System.getProperty("kmemu.project", "..")).resolve("docs/gdb/kmemu.py");
    try (BootedPc linux = linux();
        GdbServer server =
            new GdbServer(linux.pc().machine().debugTarget(), Endpoint.loopback(0))) {
      server.start();

      String said =
          gdb(
              server,
              "source " + script,
              "kmemu-symbols " + symbols,
              "break start_kernel",
              "continue",
              "x/s &linux_banner",
              "info symbol $pc",
              "kill");

      assertThat(said)
          .contains("5 symbols, 0xffffffff81000000 to 0xffffffff8")
          .containsPattern("Breakpoint 1, 0x[0-9a-f]+ in start_kernel \\(\\)")
          .contains("\"Linux version 6.1.")
          .containsPattern("start_kernel in section \\.text");
    }
  }
}
