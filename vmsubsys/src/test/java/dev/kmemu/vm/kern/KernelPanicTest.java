package dev.kmemu.vm.kern;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class KernelPanicTest {

  private static final long VA = 0xffff_ffe0_0000_1000L;

  @Test
  void theTextIsUpstreamsAndTheReportAddsWhatIsKnown() {
    KernelPanic panic = KernelPanic.at("vm_fault: fault on nofault entry", "kernel_map", VA, "x");

    assertThat(panic.text()).isEqualTo("vm_fault: fault on nofault entry");
    assertThat(panic.report())
        .isEqualTo("vm_fault: fault on nofault entry (x, map kernel_map, 0xffffffe000001000)");
    assertThat(panic).hasMessage(panic.report());
    assertThat(panic.map()).contains("kernel_map");
    assertThat(panic.address()).hasValue(VA);
    assertThat(panic.context()).isEqualTo("x");
  }

  @Test
  void withoutContextTheReportIsTheText() {
    KernelPanic panic = new KernelPanic("vm_page_remove: page not busy");

    assertThat(panic.report()).isEqualTo("vm_page_remove: page not busy");
    assertThat(panic.map()).isEmpty();
    assertThat(panic.address()).isEmpty();
  }

  @Test
  void theThreadIsKnownWithTheTokensItHeld() {
    VmTokens tokens = VmTokens.create();
    tokens.vm().get();
    tokens.vmobj().get();
    KernelPanic panic = new KernelPanic("vm_page_remove: page not busy", "page 3");
    tokens.vmobj().release();
    tokens.vm().release();

    assertThat(panic.thread()).isEqualTo(Thread.currentThread().getName());
    assertThat(panic.tokensHeld()).containsExactly("vm_token", "vmobj_token");
    assertThat(panic.details().lines())
        .containsExactly(
            "panic: vm_page_remove: page not busy",
            "  context: page 3",
            "  thread: " + Thread.currentThread().getName(),
            "  tokens held: vm_token, vmobj_token");
  }

  @Test
  void detailsNameTheMapAndTheAddress() {
    assertThat(KernelPanic.at("page fault", "buffer_map", VA, "").details())
        .contains("  map: buffer_map\n", "  address: 0xffffffe000001000\n", "tokens held: none\n");
    assertThat(KernelPanic.in("kmem_suballoc", "buffer_map", "").address()).isEmpty();
    assertThat(KernelPanic.at("dup addr", VA).map()).isEmpty();
  }

  @Test
  void aFailedAssertionNamesExpressionAndFunction() {
    assertThat(KernelPanic.assertion("count > 0", "vm_map_entry_create").text())
        .isEqualTo("assertion: count > 0 in vm_map_entry_create");
  }
}
