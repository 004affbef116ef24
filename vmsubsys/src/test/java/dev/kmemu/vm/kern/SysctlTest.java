package dev.kmemu.vm.kern;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;

class SysctlTest {

  private static final long VALUE = 0x1122_3344_5566_7788L;

  private final AtomicInteger reads = new AtomicInteger();
  private final AtomicLong threshold = new AtomicLong(7);

  private final Sysctl sysctl =
      new Sysctl(
          List.of(
              SysctlLeaf.ulong(
                  "vm.kvm_size",
                  "Size of KVM",
                  () -> {
                    reads.incrementAndGet();
                    return VALUE;
                  }),
              SysctlLeaf.uint("vm.stats.vm.v_free_count", "Free pages", () -> 5),
              SysctlLeaf.uint("vm.v_free_min", "Threshold", threshold::get)
                  .writable(
                      value -> {
                        if (value > 100) {
                          return Optional.of("at most 100, got " + value);
                        }
                        threshold.set(value);
                        return Optional.empty();
                      })));

  @Test
  void theWholeValueIsCopiedLittleEndian() {
    byte[] old = new byte[10];

    assertThat(sysctl.exchange("vm.kvm_size", old, null)).isEqualTo(new SysctlReply.Value(VALUE));
    assertThat(old).startsWith(0x88, 0x77, 0x66, 0x55, 0x44, 0x33, 0x22, 0x11).endsWith(0, 0);
  }

  @Test
  void aShortBufferGetsTheBytesThatFit() {
    byte[] old = new byte[3];

    assertThat(sysctl.exchange("vm.kvm_size", old, null)).isEqualTo(new SysctlReply.ShortBuffer(3));
    assertThat(old).containsExactly(0x88, 0x77, 0x66);
  }

  @Test
  void withoutABufferTheSizeIsTold() {
    assertThat(sysctl.exchange("vm.kvm_size", null, null)).isEqualTo(new SysctlReply.Size(8));
    assertThat(sysctl.exchange("vm.v_free_min", null, null)).isEqualTo(new SysctlReply.Size(4));
  }

  @Test
  void unsignedLongsAreDeclaredAsSuch() {
    SysctlLeaf leaf = sysctl.list("vm.kvm_size").get(0);

    assertThat(leaf.type()).isEqualTo(SysctlLeaf.Type.ULONG);
    assertThat(leaf.type().format()).isEqualTo("LU");
  }

  @Test
  void aWriteToAReadOnlyVariableIsRefusedBeforeTheHandlerRuns() {
    byte[] old = new byte[8];

    assertThat(sysctl.exchange("vm.kvm_size", old, new byte[8]))
        .isEqualTo(new SysctlReply.NotPermitted("vm.kvm_size"));
    assertThat(sysctl.write("vm.kvm_size", 1))
        .isEqualTo(new SysctlReply.NotPermitted("vm.kvm_size"));
    assertThat(old).containsOnly(0);
    assertThat(reads).hasValue(0);
  }

  @Test
  void aWriteReturnsTheOldValue() {
    byte[] old = new byte[4];

    assertThat(sysctl.exchange("vm.v_free_min", old, new byte[] {9, 0, 0, 0}))
        .isEqualTo(new SysctlReply.Value(7));
    assertThat(old).containsExactly(7, 0, 0, 0);
    assertThat(threshold).hasValue(9);
    assertThat(sysctl.write("vm.v_free_min", 11)).isEqualTo(new SysctlReply.Value(9));
  }

  @Test
  void aValueThatTheHandlerRefusesChangesNothing() {
    assertThat(sysctl.write("vm.v_free_min", 101))
        .isEqualTo(new SysctlReply.Invalid("vm.v_free_min", "at most 100, got 101"));
    assertThat(threshold).hasValue(7);
  }

  @Test
  void aNewValueMustHaveTheRightSize() {
    assertThat(sysctl.exchange("vm.v_free_min", null, new byte[8]))
        .isInstanceOf(SysctlReply.Invalid.class);
    assertThat(threshold).hasValue(7);
  }

  @Test
  void aShortBufferForTheOldValueLeavesTheNewOneUnwritten() {
    assertThat(sysctl.exchange("vm.v_free_min", new byte[2], new byte[] {9, 0, 0, 0}))
        .isEqualTo(new SysctlReply.ShortBuffer(2));
    assertThat(threshold).hasValue(7);
  }

  @Test
  void anUnknownNameIsAnsweredWithTheNearestThatExists() {
    assertThat(sysctl.read("vm.stats.vm.nothing"))
        .isEqualTo(new SysctlReply.NoSuchName("vm.stats.vm.nothing", "vm.stats.vm"));
    assertThat(sysctl.read("vm.statistics"))
        .isEqualTo(new SysctlReply.NoSuchName("vm.statistics", "vm"));
    assertThat(sysctl.read("vm.kvm_size.more"))
        .isEqualTo(new SysctlReply.NoSuchName("vm.kvm_size.more", "vm.kvm_size"));
    assertThat(sysctl.read("v")).isEqualTo(new SysctlReply.NoSuchName("v", ""));
  }

  @Test
  void aNodeHasNoValue() {
    assertThat(sysctl.read("vm.stats")).isEqualTo(new SysctlReply.IsNode("vm.stats"));
    assertThat(sysctl.write("vm", 1)).isEqualTo(new SysctlReply.IsNode("vm"));
  }

  @Test
  void listingABeginningOfTheTreeTakesWholeNamesOnly() {
    assertThat(names("vm.stats")).containsExactly("vm.stats.vm.v_free_count");
    assertThat(names("vm.kvm_size")).containsExactly("vm.kvm_size");
    assertThat(names("vm.s")).isEmpty();
    assertThat(names("")).hasSize(3).isEqualTo(names("vm"));
  }

  private List<String> names(String prefix) {
    return sysctl.list(prefix).stream().map(SysctlLeaf::name).toList();
  }

  @Test
  void aNameIsALeafOrANodeAndOnlyOnce() {
    SysctlLeaf leaf = SysctlLeaf.uint("vm.x", "", () -> 0);
    SysctlLeaf below = SysctlLeaf.uint("vm.x.y", "", () -> 0);

    assertThatThrownBy(() -> new Sysctl(List.of(leaf, leaf))).hasMessageContaining("vm.x");
    assertThatThrownBy(() -> new Sysctl(List.of(leaf, below))).hasMessageContaining("node");
  }
}
