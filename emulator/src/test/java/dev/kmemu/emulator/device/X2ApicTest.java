package dev.kmemu.emulator.device;

import static org.assertj.core.api.Assertions.assertThat;

import dev.kmemu.emulator.model.MsrDevice;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** IA32_APIC_BASE and the registers as MSRs (Intel SDM vol. 3A, 10.4.4 and 10.12). */
class X2ApicTest {

  private static final int BASE = 0x1B;
  private static final long X2 = 0xFEE0_0D00L;
  private static final long XAPIC = 0xFEE0_0900L;
  private static final long OFF = 0xFEE0_0100L;

  private final List<Boolean> enabled = new ArrayList<>();
  private final InterruptLine pic = new InterruptLine(() -> {});
  private final LocalApic cpu = new LocalApic(new HandClock().timers, pic, () -> 0, () -> {});
  private final ApicAccess msrs = new ApicAccess(cpu, enabled::add);

  private void refused(int index, long value) {
    assertThat(msrs.write(index, value)).as("0x%x := 0x%x", index, value).isFalse();
  }

  private void taken(int index, long value) {
    assertThat(msrs.write(index, value)).as("0x%x := 0x%x", index, value).isTrue();
  }

  @Test
  void theModesChangeAsTheManualAllows() {
    assertThat(msrs.read(BASE)).isEqualTo(XAPIC);
    refused(BASE, 0xFEE0_0500L);
    taken(BASE, X2);
    assertThat(msrs.read(BASE)).isEqualTo(X2);
    refused(BASE, XAPIC);
    taken(BASE, OFF);
    assertThat(enabled).containsExactly(false);
    refused(BASE, X2);
    taken(BASE, XAPIC);
    assertThat(enabled).containsExactly(false, true);
  }

  @Test
  void thePageCannotBeMovedAndReservedBitsAreRefused() {
    refused(BASE, 0xFEC0_0900L);
    refused(BASE, XAPIC | 1);
    refused(BASE, XAPIC | 1L << 40);
    assertThat(msrs.read(BASE)).isEqualTo(XAPIC);
  }

  @Test
  void anApicThatIsOffLetsThePicAndNmiThroughAndIsResetWhenItComesBack() {
    msrs.write(0xF0, 4, 0x133);
    taken(BASE, OFF);
    assertThat(msrs.read(0x30, 4)).as("no page").isEqualTo(-1);
    pic.raise(0x21);
    assertThat(cpu.isPending()).isTrue();
    assertThat(cpu.acknowledge()).isEqualTo(0x21);
    cpu.nmiPin().pulse();
    assertThat(cpu.isNmiPending()).isTrue();
    taken(BASE, XAPIC);
    assertThat(msrs.read(0xF0, 4)).isEqualTo(0xFF);
    assertThat(msrs.read(0x350, 4)).isEqualTo(0x1_0000);
    pic.raise(0x21);
    assertThat(cpu.isPending()).as("LINT0 is masked").isFalse();
  }

  @Test
  void outsideX2ApicModeThereAreNoMsrsAndInItNoPage() {
    assertThat(msrs.read(0x802)).isEqualTo(MsrDevice.REFUSED);
    refused(0x80B, 0);
    taken(BASE, X2);
    assertThat(msrs.read(0x802)).isZero();
    assertThat(msrs.read(0x20, 4)).isEqualTo(-1);
    assertThat(msrs.write(0xB0, 4, 0)).isTrue();
  }

  @Test
  void registersAnswerByTheirNumbers() {
    taken(BASE, X2);
    assertThat(msrs.read(0x803)).isEqualTo(0x5_0014);
    assertThat(msrs.read(0x80D)).as("the first of cluster 0").isEqualTo(1);
    assertThat(msrs.read(0x80F)).isEqualTo(0x1FF);
    taken(0x808, 0x20);
    assertThat(msrs.read(0x808)).isEqualTo(0x20);
    assertThat(msrs.read(0x80A)).isEqualTo(0x20);
    taken(0x835, 0x1_0700);
    assertThat(msrs.read(0x835)).isEqualTo(0x1_0700);
  }

  @Test
  void theCommandIsOneRegisterAndSelfIsItsShortForm() {
    taken(BASE, X2);
    taken(0x830, 0x45);
    assertThat(cpu.acknowledge()).isEqualTo(0x45);
    assertThat(msrs.read(0x820)).isZero();
    taken(0x80B, 0);
    taken(0x830, 1L << 32 | 0x45);
    assertThat(cpu.isPending()).as("another CPU's").isFalse();
    assertThat(msrs.read(0x830)).isEqualTo(1L << 32 | 0x45);
    taken(0x830, 1L << 32 | 1 << 11 | 0x46);
    assertThat(cpu.acknowledge()).as("logical").isEqualTo(0x46);
    taken(0x80B, 0);
    taken(0x83F, 0x47);
    assertThat(cpu.acknowledge()).isEqualTo(0x47);
  }

  @Test
  void whatDoesNotExistOrCannotBeAccessedSoIsRefused() {
    taken(BASE, X2);
    for (int index : new int[] {0x800, 0x809, 0x80B, 0x80C, 0x80E, 0x82F, 0x831, 0x83F, 0x8FF}) {
      assertThat(msrs.read(index)).as("read of 0x%x", index).isEqualTo(MsrDevice.REFUSED);
    }
    for (int index : new int[] {0x800, 0x802, 0x803, 0x80A, 0x80D, 0x80E, 0x820, 0x831, 0x839}) {
      refused(index, 0);
    }
    refused(0x80B, 1);
    refused(0x828, 1);
    refused(0x808, 0x100);
    refused(0x808, 1L << 32);
    refused(0x80F, 0x400);
    refused(0x830, 1 << 13);
    refused(0x832, 1 << 19);
    refused(0x83E, 4);
    refused(0x83F, 0x100);
  }

  @Test
  void aStateThatIsPutBackIsTheSame() {
    taken(BASE, X2);
    var state = cpu.capture();
    var access = msrs.capture();
    taken(BASE, OFF);
    taken(BASE, XAPIC);
    state.restore();
    access.restore();
    assertThat(msrs.read(BASE)).isEqualTo(X2);
    assertThat(msrs.read(0x80D)).isEqualTo(1);
    assertThat(msrs.read(0x80F)).isEqualTo(0x1FF);
  }
}
