package dev.kmemu.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.TestInstance.Lifecycle;

/** The commands behind {@code monitor}, asked of a machine that hasn't run yet. */
@TestInstance(Lifecycle.PER_CLASS)
class GdbMonitorTest {

  private final Program program = Program.start("run", "--gdb", "0", "--wait");
  private final Gdb gdb = Gdb.attach(program.awaitStub());

  @AfterAll
  void end() {
    gdb.close();
    program.close();
  }

  @Test
  void helpListsCommandsThatExist() {
    String help = gdb.ask("monitor help");

    assertThat(help)
        .contains("check", "gva2gpa ADDR", "info tlb|mem|registers", "kmem", "page ADDR", "quit")
        .contains("snapshot", "sysctl", "vmmap", "waits", "walk ADDR", "xp[/FMT] ADDR");
    help.lines()
        .filter(line -> !line.isBlank())
        .map(line -> line.split("[ \\[]", -1)[0])
        .filter(command -> !command.equals("quit"))
        .forEach(
            command -> assertThat(gdb.ask("monitor " + command)).doesNotContain("no such command"));
  }

  @Test
  void anUnknownCommandPointsToHelp() {
    assertThat(gdb.ask("monitor nosuch")).contains("nosuch", "monitor help");
  }

  @Test
  void walkShowsEveryLevelDownToTheFrame() {
    String rsp = "0x" + Long.toHexString(gdb.value("$rsp") - 8);

    assertThat(gdb.ask("monitor walk " + rsp))
        .containsSubsequence("PML4E", "PDPTE", "PDE", "PTE", "physical 0x", "4 KiB page");
  }

  @Test
  void walkSaysWhereAnUnmappedAddressMisses() {
    assertThat(gdb.ask("monitor walk 0x10")).containsPattern("not mapped: the P\\w+ isn.t present");
  }

  @Test
  void walkRefusesWhatIsNoAddress() {
    assertThat(gdb.ask("monitor walk here")).contains("'here'", "hex digits");
    assertThat(gdb.ask("monitor walk")).contains("one address");
  }

  @Test
  void vmmapShowsAWiredEntryAroundTheStack() {
    long address = gdb.value("$rsp") - 8;
    Matcher rows =
        Pattern.compile("(?m)^ *0x([0-9a-f]{16}) 0x([0-9a-f]{16}) .* kernel_object +1 ")
            .matcher(gdb.ask("monitor vmmap"));

    assertThat(rows.results())
        .anySatisfy(
            row -> {
              long start = Long.parseUnsignedLong(row.group(1), 16);
              long end = Long.parseUnsignedLong(row.group(2), 16);
              assertThat(Long.compareUnsigned(start, address)).isNotPositive();
              assertThat(Long.compareUnsigned(address, end)).isNegative();
            });
  }

  @Test
  void checkFindsTheVmAndThePageTablesInAgreement() {
    assertThat(gdb.ask("monitor check")).contains("the VM and the page tables agree");
  }

  @Test
  void kmemShowsTheCounters() {
    assertThat(gdb.ask("monitor kmem")).contains("kvm_size", "kvm_free", "v_wire_count");
  }

  @Test
  void sysctlListsTheTreeBelowAName() {
    assertThat(gdb.ask("monitor sysctl"))
        .contains("hw.pagesize: 4096", "vm.kvm_size: 137438949376", "vm.stats.vm.v_free_count: ");
    assertThat(gdb.ask("monitor sysctl hw")).contains("hw.physmem: ").doesNotContain("vm.");
  }

  @Test
  void sysctlSaysWhatIsNearAnUnknownNameAndWhatIsReadOnly() {
    assertThat(gdb.ask("monitor sysctl vm.stats.nothing")).contains("'monitor sysctl vm.stats'");
    assertThat(gdb.ask("monitor sysctl vm.kvm_size=1")).contains("vm.kvm_size is read-only");
  }

  @Test
  void sysctlSetsAThresholdWithinItsBounds() {
    String before = gdb.ask("monitor sysctl vm.v_free_min").replaceAll("[^0-9]", "");

    assertThat(gdb.ask("monitor sysctl vm.v_free_min=" + before))
        .contains(before + " -> " + before);
    assertThat(gdb.ask("monitor sysctl vm.v_free_min=0")).contains("must be", "v_free_severe");
    assertThat(gdb.ask("monitor sysctl vm.v_free_min=x")).contains("decimal number");
  }

  @Test
  void waitsNamesNobodyInAKernelAtRest() {
    assertThat(gdb.ask("monitor waits")).contains("nobody sleeps");
  }

  @Test
  void walkShowsWhatTheVmHasThereToo() {
    String rsp = "0x" + Long.toHexString(gdb.value("$rsp") - 8);

    assertThat(gdb.ask("monitor walk " + rsp))
        .containsPattern("VM: kernel_map entry .* wired_count 1")
        .containsPattern("kernel_object .* page 0x[0-9a-f]+, wire_count 1")
        .doesNotContain("differs");
    assertThat(gdb.ask("monitor walk ffffffe000fff000")).contains("VM: no entry of kernel_map");
  }

  @Test
  void walkTakesAnotherCr3() {
    assertThat(gdb.ask("monitor walk ffffffff80000000 3f0000")).contains("table at 0x3f0000");
  }

  @Test
  void pageShowsTheVmPageBehindAnAddress() {
    String rsp = Long.toHexString(gdb.value("$rsp") - 8);
    String byAddress = gdb.ask("monitor page " + rsp).strip();
    Matcher physical = Pattern.compile("vm_page (0x[0-9a-f]+)").matcher(byAddress);

    assertThat(physical.find()).as(byAddress).isTrue();
    assertThat(byAddress).contains("object kernel_object", "wire_count 1", "queue none");
    assertThat(gdb.ask("monitor page pa:" + physical.group(1)).strip()).isEqualTo(byAddress);
    assertThat(gdb.ask("monitor page pa:0")).contains("isn't the VM's");
    assertThat(gdb.ask("monitor page 10")).contains("isn't present", "pa:PA");
  }

  @Test
  void vmmapCountsWhatTheTablesMap() {
    assertThat(gdb.ask("monitor vmmap"))
        .containsPattern("kernel_object +1 0x0  [0-9.]+[KMG] mapped\\n");
  }

  @Test
  void gva2gpaAndXpSpeakOfTheSameMemory() {
    String address = Long.toHexString(gdb.value("$rip"));
    String gpa = gdb.ask("monitor gva2gpa " + address).strip();

    assertThat(gpa).matches("gpa: 0x[0-9a-f]+");
    String bytes = gdb.ask("monitor xp/4xb " + gpa.substring(5)).strip();
    assertThat(bytes).matches("[0-9a-f]{16}:( 0x[0-9a-f]{2}){4}");
    assertThat(gdb.ask("x/4xb " + "0x" + address).replaceAll(".*:", "").replaceAll("\\s+", " "))
        .contains(bytes.substring(18));
    assertThat(gdb.ask("monitor gva2gpa 10")).contains("Unmapped");
    assertThat(gdb.ask("monitor xp/1gx fffffffffffffff8")).contains("isn't in RAM");
    assertThat(gdb.ask("monitor xp/2z 0")).contains("isn't a format");
  }

  @Test
  void infoSpeaksTheFormatsOfQemu() {
    assertThat(gdb.ask("monitor info registers"))
        .containsPattern("(?m)^RAX=[0-9a-f]{16} RBX=[0-9a-f]{16} RCX=")
        .containsPattern("(?m)^RIP=[0-9a-f]{16} RFL=00000002 \\[-------\\] CPL=0 II=0 A20=1 SMM=0")
        .containsPattern("(?m)^CS =[0-9a-f]{4} 0{16} [0-9a-f]{8} [0-9a-f]{8} DPL=0 CS64 \\[-RA\\]")
        .containsPattern("(?m)^CR0=[0-9a-f]{8} CR2=[0-9a-f]{16} CR3=[0-9a-f]{16} CR4=[0-9a-f]{8}")
        .containsPattern("(?m)^EFER=[0-9a-f]{13}d01");
    assertThat(gdb.ask("monitor info tlb"))
        .containsPattern("(?m)^ffffffff80[0-9a-f]{6}: [0-9a-f]{16} [X-]G?[G-]?[-XGPDACTUW]{7,9}$");
    assertThat(gdb.ask("monitor info mem"))
        .containsPattern("(?m)^[0-9a-f]{16}-[0-9a-f]{16} [0-9a-f]{16} -rw$");
    assertThat(gdb.ask("monitor info cows")).contains("tlb, mem and registers");
  }

  @Test
  void aSnapshotBringsRegistersAndMemoryBack() {
    long before = gdb.value("$r12");
    assertThat(gdb.ask("monitor snapshot save here")).contains("saved here");
    gdb.ask("set $r12 = 0x1234");
    assertThat(gdb.ask("monitor snapshot load here")).contains("back at here");
    gdb.ask("maintenance flush register-cache");

    assertThat(gdb.value("$r12")).isEqualTo(before);
    assertThat(gdb.ask("monitor snapshot")).contains("here");
    assertThat(gdb.ask("monitor snapshot drop here")).contains("dropped");
    assertThat(gdb.ask("monitor snapshot load here")).contains("there is no snapshot here");
  }

  @Test
  void helpTellsMoreAboutOneCommand() {
    assertThat(gdb.ask("monitor help xp")).contains("xp[/FMT] ADDR", "8 bytes");
    assertThat(gdb.ask("monitor help cows")).contains("no such command: cows");
  }

  @Test
  void anAddressMayBeARegister() {
    assertThat(gdb.ask("monitor gva2gpa $rip"))
        .isEqualToIgnoringWhitespace(gdb.ask("monitor gva2gpa $pc"));
    assertThat(gdb.ask("monitor walk $cow")).contains("no register $cow");
    assertThat(gdb.ask("monitor walk $xmm0")).contains("no register $xmm0 of up to 64 bits");
  }

  @Test
  void anInjectedFaultGoesTheWayOfThoseOfTheCpu() {
    String rip = Long.toHexString(gdb.value("$rip"));
    String stack = Long.toHexString(gdb.value("$rsp") - 8);

    assertThat(gdb.ask("monitor inject pf " + stack + " w")).contains("served", "RIP is 0x" + rip);
    assertThat(gdb.ask("monitor inject pf 10 u")).contains("nobody answers it", "page fault");
    assertThat(gdb.ask("monitor inject pf 10 z")).contains("'z' isn't a flag");
    assertThat(gdb.ask("monitor inject ud")).contains("page faults only");
  }

  @Test
  void resetGoesBackToTheBeginning() {
    long rip = gdb.value("$rip");
    gdb.ask("stepi 3");
    assertThat(gdb.value("$rip")).isNotEqualTo(rip);
    assertThat(gdb.ask("monitor reset")).contains("back at the beginning");
    gdb.ask("maintenance flush register-cache");

    assertThat(gdb.value("$rip")).isEqualTo(rip);
  }
}
