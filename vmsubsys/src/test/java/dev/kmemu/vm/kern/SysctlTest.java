package dev.kmemu.vm.kern;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;

class SysctlTest {

  private static final long VALUE = 0x1122_3344_5566_7788L;

  private final Sysctl sysctl =
      new Sysctl(List.of(new Sysctl.Oid("vm.kvm_size", "Size of KVM", () -> VALUE)));

  @Test
  void theWholeValueIsCopiedLittleEndian() {
    byte[] old = new byte[10];

    assertThat(sysctl.exchange("vm.kvm_size", old, null)).isEqualTo(new Sysctl.Reply.Value(VALUE));
    assertThat(old).startsWith(0x88, 0x77, 0x66, 0x55, 0x44, 0x33, 0x22, 0x11).endsWith(0, 0);
  }

  @Test
  void aShortBufferGetsTheBytesThatFit() {
    byte[] old = new byte[3];

    assertThat(sysctl.exchange("vm.kvm_size", old, null))
        .isEqualTo(new Sysctl.Reply.ShortBuffer(3));
    assertThat(old).containsExactly(0x88, 0x77, 0x66);
  }

  @Test
  void writingIsNotPermittedAndReadsNothing() {
    byte[] old = new byte[8];

    assertThat(sysctl.exchange("vm.kvm_size", old, new byte[8]))
        .isEqualTo(new Sysctl.Reply.NotPermitted("vm.kvm_size"));
    assertThat(old).containsOnly(0);
  }

  @Test
  void anUnknownNameIsNamed() {
    assertThat(sysctl.read("vm.nothing")).isEqualTo(new Sysctl.Reply.NoSuchName("vm.nothing"));
  }
}
