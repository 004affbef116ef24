package dev.kmemu.cli.monitor;

import static org.assertj.core.api.Assertions.assertThat;

import dev.kmemu.emulator.boot.ElfImage;
import dev.kmemu.emulator.machine.RamSize;
import dev.kmemu.emulator.unicorn.UnicornLoader;
import dev.kmemu.firmware.FirmwareImage;
import dev.kmemu.testkit.KernelMachine;
import java.util.List;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import net.jqwik.api.Tuple;
import net.jqwik.api.lifecycle.AfterContainer;

/** Whatever a user types: an answer, never an exception, and not without end. */
class MonitorLinesTest {

  private static final int LONGEST = 8 << 20;
  private static final List<String> WORDS =
      List.of(
          "walk",
          "page",
          "xp",
          "xp/4gx",
          "xp/999999999x",
          "xp/0c",
          "gva2gpa",
          "info",
          "tlb",
          "mem",
          "registers",
          "vmmap",
          "kmem",
          "check",
          "waits",
          "sysctl",
          "vm.kvm_size",
          "vm.v_free_min=1",
          "hw=",
          "inject",
          "pf",
          "w",
          "upx",
          "snapshot",
          "save",
          "load",
          "drop",
          "a",
          "help",
          "/",
          "pa:",
          "pa:5c3000",
          "pa:ffffffffffffffff",
          "$rip",
          "$cr3",
          "$",
          "$xmm0",
          "0",
          "-1",
          "ffffffffffffffff",
          "0x8000000000000000",
          "ffffffe000003ff8",
          "1ffffffffffffffffff");

  private static final KernelMachine KERNEL =
      KernelMachine.boot(
          UnicornLoader.load(),
          RamSize.parse("64M"),
          ElfImage.parse("self-test", FirmwareImage.selfTest().bytes()));
  private static final MonitorShell SHELL = MonitorCommands.of(KERNEL);

  @AfterContainer
  static void close() {
    KERNEL.close();
  }

  @Property(tries = 400)
  void eachLineIsAnswered(@ForAll("lines") String line) {
    String answer = SHELL.execute(line);
    assertThat(answer.length()).as(line).isLessThan(LONGEST);
    assertThat(answer).as(line).matches("(?s)|.*\n");
  }

  @Provide
  Arbitrary<String> lines() {
    Arbitrary<String> garbage = Arbitraries.strings().ascii().ofMaxLength(12);
    return Arbitraries.frequencyOf(Tuple.of(9, Arbitraries.of(WORDS)), Tuple.of(1, garbage))
        .list()
        .ofMaxSize(5)
        .map(words -> String.join(" ", words))
        .filter(line -> !line.strip().startsWith("quit"));
  }
}
