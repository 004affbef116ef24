package dev.kmemu.vm;

import static dev.kmemu.vm.TestKernel.MIB;
import static dev.kmemu.vm.TestKernel.PAGE;
import static org.assertj.core.api.Assertions.assertThat;

import dev.kmemu.vm.kern.Sysctl;
import dev.kmemu.vm.kern.SysctlLeaf;
import dev.kmemu.vm.kern.SysctlReply;
import dev.kmemu.vm.kern.VmCounter;
import org.junit.jupiter.api.Test;

class VmSysctlsTest {

  private final TestKernel kernel = TestKernel.small();
  private final Sysctl sysctl = kernel.vm.sysctl();

  private long value(String name) {
    return ((SysctlReply.Value) sysctl.read(name)).value();
  }

  @Test
  void theMachineIsDescribed() {
    assertThat(value("hw.physmem")).isEqualTo(8 * MIB);
    assertThat(value("hw.pagesize")).isEqualTo(PAGE);
  }

  @Test
  void theKvaIsDescribedByUnsignedLongs() {
    assertThat(sysctl.list("vm"))
        .filteredOn(leaf -> leaf.name().startsWith("vm.kvm_"))
        .hasSize(2)
        .extracting(leaf -> leaf.type().format())
        .containsOnly("LU");
    assertThat(value("vm.kvm_size")).isEqualTo(0x1F_FFFF_F000L);
    assertThat(sysctl.exchange("vm.kvm_free", null, null)).isEqualTo(new SysctlReply.Size(8));
  }

  @Test
  void countersFollowAllocations() {
    long free = value("vm.stats.vm.v_free_count");
    long wired = value("vm.stats.vm.v_wire_count");
    kernel.alloc(PAGE);
    kernel.alloc(2 * PAGE);

    assertThat(value("vm.stats.vm.v_wire_count") - wired)
        .isEqualTo(free - value("vm.stats.vm.v_free_count"))
        .isGreaterThanOrEqualTo(3);
  }

  @Test
  void aThresholdCanBeSetBetweenItsNeighbours() {
    long min = kernel.counter(VmCounter.FREE_MIN);

    assertThat(sysctl.write("vm.v_free_target", min)).isInstanceOf(SysctlReply.Value.class);
    assertThat(kernel.counter(VmCounter.FREE_TARGET)).isEqualTo(min);
    assertThat(value("vm.stats.vm.v_free_target")).isEqualTo(min);

    assertThat(sysctl.write("vm.v_free_target", min - 1))
        .isInstanceOfSatisfying(
            SysctlReply.Invalid.class,
            invalid -> assertThat(invalid.reason()).contains("v_free_min", "v_page_count"));
    assertThat(kernel.counter(VmCounter.FREE_TARGET)).isEqualTo(min);
  }

  @Test
  void everyThresholdMayKeepItsValue() {
    assertThat(sysctl.list("vm").stream().filter(leaf -> leaf.writer() != null))
        .hasSize(5)
        .allSatisfy(
            leaf ->
                assertThat(sysctl.write(leaf.name(), value(leaf.name())))
                    .isEqualTo(new SysctlReply.Value(value(leaf.name()))));
  }

  @Test
  void countersAreReadOnly() {
    assertThat(sysctl.list("vm.stats"))
        .isNotEmpty()
        .extracting(SysctlLeaf::writer)
        .containsOnlyNulls();
    assertThat(sysctl.write("vm.stats.vm.v_free_count", 1))
        .isEqualTo(new SysctlReply.NotPermitted("vm.stats.vm.v_free_count"));
  }
}
