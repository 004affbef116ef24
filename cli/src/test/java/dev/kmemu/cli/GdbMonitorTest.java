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

    assertThat(help).contains("check", "kmem", "sysctl", "vmmap", "waits", "walk ADDR");
    help.lines()
        .filter(line -> !line.isBlank())
        .map(line -> line.split(" ", -1)[0])
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
}
