package dev.kmemu.cli.monitor;

import static org.assertj.core.api.Assertions.assertThat;

import com.code_intelligence.jazzer.junit.FuzzTest;
import dev.kmemu.emulator.boot.ElfImage;
import dev.kmemu.emulator.machine.RamSize;
import dev.kmemu.emulator.unicorn.UnicornLoader;
import dev.kmemu.firmware.FirmwareImage;
import dev.kmemu.testkit.KernelMachine;
import java.nio.charset.StandardCharsets;

/** As {@link MonitorLinesTest}, with lines that a fuzzer makes. */
class MonitorFuzzTest {

  private static final int LONGEST = 8 << 20;
  private static final int MOST_LINES = 20;

  private static final KernelMachine KERNEL =
      KernelMachine.boot(
          UnicornLoader.load(),
          RamSize.parse("64M"),
          ElfImage.parse("self-test", FirmwareImage.selfTest().bytes()));
  private static final MonitorShell SHELL = MonitorCommands.of(KERNEL);

  /** Each line is answered, and no answer is without end. */
  @FuzzTest(maxDuration = "10m")
  void eachLineIsAnswered(byte[] bytes) {
    new String(bytes, StandardCharsets.ISO_8859_1)
        .lines()
        .limit(MOST_LINES)
        .filter(line -> !line.strip().startsWith("quit"))
        .forEach(
            line -> {
              String answer = SHELL.execute(line);
              assertThat(answer.length()).as(line).isLessThan(LONGEST);
              assertThat(answer.isEmpty() || answer.endsWith("\n")).as(line).isTrue();
            });
  }
}
