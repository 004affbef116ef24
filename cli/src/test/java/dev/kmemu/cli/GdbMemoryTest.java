package dev.kmemu.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.kmemu.firmware.SelfTestPattern;
import java.nio.file.Path;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What gdb reads and writes at the breakpoint behind the self-test's wired memory. */
class GdbMemoryTest {

  private static final int WORDS = 8;
  private static final Pattern MEMORY_LINE =
      Pattern.compile("(?m)^0x([0-9a-f]+)[^:]*:((?:\\s+0x[0-9a-f]{16})+)$");

  private final Program program;
  private final Gdb gdb;

  GdbMemoryTest(@TempDir Path directory) {
    program = Program.start("run", "--gdb", "0", "--wait");
    gdb = Gdb.attachToSelfTest(program.awaitStub(), directory);
  }

  @BeforeEach
  void goToTheBreakpoint() {
    gdb.ask("break selftest_wired_done");
    assertThat(gdb.ask("continue")).contains("Breakpoint 1, ", "selftest.s:47");
  }

  @AfterEach
  void end() {
    gdb.close();
    program.close();
  }

  private long probe() {
    return gdb.value("*(long *)&selftest_probe_kva");
  }

  private static String hex(long value) {
    return "0x" + Long.toHexString(value);
  }

  @Test
  void aWiredPageHoldsWhatTheGuestWrote() {
    long probe = probe();

    String dump = gdb.ask("x/" + WORDS + "gx " + hex(probe));

    Matcher lines = MEMORY_LINE.matcher(dump);
    int word = 0;
    while (lines.find()) {
      assertThat(Long.parseUnsignedLong(lines.group(1), 16)).isEqualTo(probe + 8L * word);
      for (String value : lines.group(2).strip().split("\\s+", -1)) {
        long kva = probe + 8L * word++;
        assertThat(Long.parseUnsignedLong(value.substring(2), 16))
            .as("the word at %s in\n%s", hex(kva), dump)
            .isEqualTo(SelfTestPattern.valueAt(kva));
      }
    }
    assertThat(word).as("words in\n%s", dump).isEqualTo(WORDS);
  }

  @Test
  void theGuestReadsWhatGdbWrote() {
    gdb.ask("set var *(long *)" + hex(probe()) + " = 0x1234");
    gdb.ask("break selftest_pageable_done");
    assertThat(gdb.ask("continue")).contains("Breakpoint 2, ");

    assertThat(gdb.value("*(long *)&selftest_probe_word")).isEqualTo(0x1234);
  }

  @Test
  void pageableMemoryAppearsWhenTheGuestHasTouchedIt() {
    String vmmap = gdb.ask("monitor vmmap");
    Matcher submap =
        Pattern.compile("(0x[0-9a-f]{16}) 0x[0-9a-f]{16} .*pageable_map").matcher(vmmap);
    assertThat(submap.find()).as("%s", vmmap).isTrue();
    String kva = submap.group(1);
    assertThat(gdb.ask("x/gx " + kva)).contains("Cannot access memory at address " + kva);

    gdb.ask("break selftest_pageable_done");
    gdb.ask("continue");

    long address = Long.parseUnsignedLong(kva.substring(2), 16);
    assertThat(gdb.value("*(long *)" + kva)).isEqualTo(SelfTestPattern.valueAt(address));
  }

  @Test
  void anUnmappedAddressIsAnErrorThatTheSessionSurvives() {
    long probe = probe();

    assertThat(gdb.ask("x/gx 0x10")).contains("Cannot access memory at address 0x10");
    assertThat(gdb.ask("set var *(long *)0x10 = 1"))
        .contains("Cannot access memory at address 0x10");

    assertThat(gdb.value("*(long *)" + hex(probe))).isEqualTo(SelfTestPattern.valueAt(probe));
  }

  @Test
  void controlRegistersShowTheKernelsPageTables() {
    String walk = gdb.ask("monitor walk " + hex(probe()));
    Matcher root = Pattern.compile("PML4 table at (0x[0-9a-f]+)").matcher(walk);
    assertThat(root.find()).as("%s", walk).isTrue();

    assertThat(gdb.ask("info registers cr3")).containsPattern("cr3 +" + root.group(1) + "\\s");
    assertThat(gdb.ask("info registers")).contains("rip", "cr0", "cr2", "cr4", "efer", "fs_base");
  }

  @Test
  void aStepExecutesOneInstruction() {
    long before = gdb.value("$pc");

    gdb.ask("stepi");

    assertThat(gdb.value("$pc")).as("behind the one-byte nop").isEqualTo(before + 1);
    gdb.ask("stepi");
    assertThat(gdb.value("$pc")).as("in the called routine").isEqualTo(gdb.value("&report_probe"));
  }

  @Test
  void aBreakpointOnASourceLineStopsThere() {
    assertThat(gdb.ask("break selftest.s:62")).contains("selftest.s, line 62");

    assertThat(gdb.ask("continue")).contains("selftest.s:62");
    assertThat(gdb.value("$pc")).isEqualTo(gdb.value("&selftest_pageable_done"));
  }

  @Test
  void aRegisterThatGdbChangesIsTheGuests() {
    gdb.ask("break selftest_pageable_done");
    gdb.ask("set var $pc = &selftest_pageable_done");
    gdb.ask("set var $r15 = 0x123456789abcdef0");
    gdb.ask("stepi");

    assertThat(gdb.value("$pc")).isEqualTo(gdb.value("&selftest_pageable_done") + 1);
    assertThat(gdb.value("$r15")).isEqualTo(0x123456789abcdef0L);
  }
}
