package dev.kmemu.emulator.device;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

/** The 82093AA by its registers. */
class IoApicTest {

  private static final int LEVEL = 1 << 15;
  private static final int MASKED = 1 << 16;
  private static final int REMOTE_IRR = 1 << 14;
  private static final int EOI = 0xB0;

  private final AtomicInteger wakes = new AtomicInteger();
  private final LocalApic cpu =
      new LocalApic(
          new HandClock().timers, new InterruptLine(() -> {}), () -> 0, wakes::incrementAndGet);
  private final ApicAccess page = new ApicAccess(cpu, enabled -> {});
  private final IoApic apic = new IoApic(cpu);

  private int in(int register) {
    apic.write(0, 4, register);
    return (int) apic.read(0x10, 4);
  }

  private void out(int register, int value) {
    apic.write(0, 4, register);
    apic.write(0x10, 4, value);
  }

  private void entry(int pin, int low) {
    out(0x10 + 2 * pin, low);
  }

  private int entry(int pin) {
    return in(0x10 + 2 * pin);
  }

  private void serve(int vector) {
    assertThat(cpu.isPending()).isTrue();
    assertThat(cpu.acknowledge()).isEqualTo(vector);
    page.write(EOI, 4, 0);
  }

  @Test
  void itSaysWhatItIsAndAllPinsAreMasked() {
    assertThat(in(1)).isEqualTo(0x17_0011);
    for (int pin = 0; pin < 24; pin++) {
      assertThat(entry(pin)).isEqualTo(MASKED);
    }
    assertThat(in(0x40)).as("behind the last entry").isZero();
    out(0, -1);
    assertThat(in(0)).isEqualTo(0x0F00_0000);
    assertThat(in(2)).as("arbitration follows the ID").isEqualTo(0x0F00_0000);
    out(1, 0);
    assertThat(in(1)).isEqualTo(0x17_0011);
    assertThat(apic.read(0, 4)).isEqualTo(1);
  }

  @Test
  void entriesKeepWhatCanBeWritten() {
    out(0x11, -1);
    entry(0, -1);
    assertThat(entry(0)).isEqualTo(0x1_AFFF);
    assertThat(in(0x11)).isEqualTo(0xFF00_0000);
  }

  @Test
  void anEdgeInterruptsOnce() {
    entry(4, 0x34);
    apic.pin(4).set(true);
    assertThat(wakes).hasValue(1);
    serve(0x34);
    apic.pin(4).set(true);
    assertThat(cpu.isPending()).isFalse();
    apic.pin(4).set(false);
    apic.pin(4).set(true);
    serve(0x34);
    assertThat(entry(4)).as("edges have no remote IRR").isEqualTo(0x34);
  }

  @Test
  void anEdgeAtAMaskedPinIsLost() {
    apic.pin(4).set(true);
    entry(4, 0x34);
    assertThat(cpu.isPending()).isFalse();
  }

  @Test
  void aLevelAsksUntilItFalls() {
    entry(9, LEVEL | 0x39);
    apic.pin(9).set(true);
    assertThat(entry(9)).isEqualTo(LEVEL | REMOTE_IRR | 0x39);
    serve(0x39);
    assertThat(entry(9) & REMOTE_IRR).as("asked again").isNotZero();
    assertThat(cpu.acknowledge()).isEqualTo(0x39);
    apic.pin(9).set(false);
    page.write(EOI, 4, 0);
    assertThat(cpu.isPending()).isFalse();
    assertThat(entry(9)).isEqualTo(LEVEL | 0x39);
  }

  @Test
  void aLevelWaitsForItsMaskToGo() {
    entry(9, LEVEL | MASKED | 0x39);
    apic.pin(9).set(true);
    assertThat(cpu.isPending()).isFalse();
    entry(9, LEVEL | 0x39);
    assertThat(cpu.acknowledge()).isEqualTo(0x39);
    entry(9, LEVEL | MASKED | 0x39);
    page.write(EOI, 4, 0);
    assertThat(cpu.isPending()).isFalse();
    assertThat(entry(9) & REMOTE_IRR).isZero();
  }

  @Test
  void anEntryThatBecomesAnEdgeForgetsItsRemoteIrr() {
    entry(9, LEVEL | 0x39);
    apic.pin(9).pulse();
    entry(9, MASKED | 0x39);
    assertThat(entry(9)).isEqualTo(MASKED | 0x39);
  }

  @Test
  void destinationsArePhysicalOrLogical() {
    entry(4, 0x34);
    out(0x19, 1 << 24);
    apic.pin(4).pulse();
    assertThat(cpu.isPending()).as("another CPU's").isFalse();
    out(0x19, 0xFF << 24);
    apic.pin(4).pulse();
    serve(0x34);
    page.write(0xD0, 4, 2 << 24);
    entry(4, 1 << 11 | 1 << 8 | 0x35);
    out(0x19, 2 << 24);
    apic.pin(4).pulse();
    serve(0x35);
    out(0x19, 1 << 24);
    apic.pin(4).pulse();
    assertThat(cpu.isPending()).isFalse();
  }

  @Test
  void nmiIsADeliveryModeOfItsOwn() {
    entry(4, 4 << 8);
    apic.pin(4).pulse();
    assertThat(cpu.isNmiPending()).isTrue();
    assertThat(cpu.isPending()).isFalse();
  }

  @Test
  void thereIsNoPin24() {
    assertThatThrownBy(() -> apic.pin(24)).isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(() -> apic.pin(-1)).isInstanceOf(IllegalArgumentException.class);
  }

  @Test
  void aStateThatIsPutBackIsTheSame() {
    entry(9, LEVEL | 0x39);
    out(0, 5 << 24);
    apic.pin(9).set(true);
    var state = apic.capture();
    entry(9, MASKED);
    out(0, 0);
    apic.pin(9).set(false);
    state.restore();
    assertThat(in(0)).isEqualTo(5 << 24);
    assertThat(entry(9)).isEqualTo(LEVEL | REMOTE_IRR | 0x39);
    serve(0x39);
    assertThat(entry(9) & REMOTE_IRR).as("still high").isNotZero();
  }
}
