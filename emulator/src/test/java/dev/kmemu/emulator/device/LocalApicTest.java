package dev.kmemu.emulator.device;

import static org.assertj.core.api.Assertions.assertThat;

import dev.kmemu.emulator.cpu.InterruptSource;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

/** The local APIC by the registers of its page (Intel SDM vol. 3A, chapter 10, "APIC"). */
class LocalApicTest {

  private static final int ID = 0x20;
  private static final int VERSION = 0x30;
  private static final int TPR = 0x80;
  private static final int PPR = 0xA0;
  private static final int EOI = 0xB0;
  private static final int LDR = 0xD0;
  private static final int DFR = 0xE0;
  private static final int SVR = 0xF0;
  private static final int ISR = 0x100;
  private static final int TMR = 0x180;
  private static final int IRR = 0x200;
  private static final int ESR = 0x280;
  private static final int ICR = 0x300;
  private static final int ICR_HIGH = 0x310;
  private static final int LVT_LINT0 = 0x350;
  private static final int LVT_LINT1 = 0x360;
  private static final int LVT_ERROR = 0x370;
  private static final int TO_SELF = 1 << 18;
  private static final int TO_ALL = 2 << 18;
  private static final int TO_OTHERS = 3 << 18;
  private static final int NMI_MODE = 4 << 8;
  private static final int LOGICAL = 1 << 11;

  private final AtomicInteger wakes = new AtomicInteger();
  private final List<Integer> priorities = new ArrayList<>();
  private final HandClock time = new HandClock();
  private final PicPair pic = new PicPair(() -> {});
  private final LocalApic apic = new LocalApic(time.timers, pic, () -> 0, wakes::incrementAndGet);
  private final ApicAccess page = new ApicAccess(apic, enabled -> {});

  LocalApicTest() {
    apic.setTaskPriorityListener(priorities::add);
  }

  private int in(int register) {
    return (int) page.read(register, 4);
  }

  private void out(int register, int value) {
    assertThat(page.write(register, 4, value)).isTrue();
  }

  private void send(int command) {
    out(ICR, command);
  }

  private void take(int vector) {
    assertThat(apic.isPending()).isTrue();
    assertThat(apic.acknowledge()).isEqualTo(vector);
  }

  /** Makes the PIC ask with vector 0x24. */
  private void raisePic() {
    PortSpace ports = new PortSpace();
    pic.attachTo(ports);
    int[] commands = {0x20, 0x11, 0x21, 0x20, 0x21, 4, 0x21, 1};
    for (int i = 0; i < commands.length; i += 2) {
      ports.write(commands[i], 1, commands[i + 1]);
    }
    pic.pin(4).pulse();
  }

  @Test
  void itIsNewInVirtualWireMode() {
    assertThat(in(ID)).isZero();
    assertThat(in(VERSION)).isEqualTo(0x5_0014);
    assertThat(in(SVR)).isEqualTo(0x1FF);
    assertThat(in(LVT_LINT0)).as("the 8259A").isEqualTo(0x700);
    assertThat(in(LVT_LINT1)).as("NMI").isEqualTo(0x400);
    assertThat(in(LVT_ERROR)).isEqualTo(0x1_0000);
    assertThat(in(DFR)).isEqualTo(-1);
    raisePic();
    take(0x24);
    assertThat(in(ISR + 0x10)).as("the PIC's interrupts aren't the APIC's").isZero();
  }

  @Test
  void thePicIsHeardOnlyThroughAnOpenLint0() {
    out(LVT_LINT0, 0x1_0700);
    raisePic();
    assertThat(apic.isPending()).isFalse();
    assertThat(apic.acknowledge()).isEqualTo(InterruptSource.NONE);
    out(LVT_LINT0, 0x0_0030);
    assertThat(apic.isPending()).as("fixed, not external").isFalse();
    int before = wakes.get();
    out(LVT_LINT0, 0x0_0700);
    assertThat(wakes.get()).isGreaterThan(before);
    take(0x24);
  }

  @Test
  void anInterruptGoesFromIrrToIsrAndEnds() {
    send(TO_SELF | 0x45);
    assertThat(in(IRR + 0x20)).isEqualTo(1 << 5);
    assertThat(wakes).hasValue(1);
    take(0x45);
    assertThat(in(IRR + 0x20)).isZero();
    assertThat(in(ISR + 0x20)).isEqualTo(1 << 5);
    assertThat(in(PPR)).isEqualTo(0x40);
    out(EOI, 0);
    assertThat(in(ISR + 0x20)).isZero();
    assertThat(in(PPR)).isZero();
  }

  @Test
  void higherClassesComeFirstAndTheSameClassWaits() {
    send(TO_SELF | 0x51);
    send(TO_SELF | 0x61);
    take(0x61);
    send(TO_SELF | 0x6F);
    assertThat(apic.isPending()).as("the same class").isFalse();
    send(TO_SELF | 0x70);
    take(0x70);
    int before = wakes.get();
    out(EOI, 0);
    assertThat(apic.isPending()).isFalse();
    out(EOI, 0);
    assertThat(wakes.get()).as("an end lets the next one through").isGreaterThan(before);
    take(0x6F);
    out(EOI, 0);
    take(0x51);
    out(EOI, 0);
    out(EOI, 0);
    assertThat(apic.isPending()).as("an end without a beginning").isFalse();
  }

  @Test
  void theTaskPriorityHoldsItsClassBackAndIsCr8() {
    out(TPR, 0x55);
    assertThat(priorities).containsExactly(5);
    assertThat(in(PPR)).isEqualTo(0x55);
    send(TO_SELF | 0x5F);
    assertThat(apic.isPending()).isFalse();
    apic.setTaskPriorityClass(4);
    assertThat(in(TPR)).isEqualTo(0x40);
    assertThat(wakes).hasValue(1);
    take(0x5F);
    assertThat(in(PPR)).as("what is served counts more").isEqualTo(0x50);
  }

  @Test
  void aDisabledApicMasksAndDropsButHoldsThePicsLine() {
    send(TO_SELF | 0x45);
    out(SVR, 0x0FF);
    assertThat(apic.isPending()).isFalse();
    send(TO_SELF | 0x66);
    assertThat(in(IRR + 0x30)).isZero();
    assertThat(in(LVT_LINT1)).isEqualTo(0x1_0400);
    out(LVT_ERROR, 0x33);
    assertThat(in(LVT_ERROR)).as("masks can't be taken away").isEqualTo(0x1_0033);
    send(TO_SELF | NMI_MODE);
    assertThat(apic.isNmiPending()).as("NMI comes through").isTrue();
    out(SVR, 0x1FF);
    take(0x45);
  }

  @Test
  void shorthandsIncludeAndExcludeThisCpu() {
    send(TO_ALL | 0x50);
    take(0x50);
    out(EOI, 0);
    send(TO_OTHERS | 0x51);
    assertThat(apic.isPending()).isFalse();
    assertThat(in(ICR)).as("always idle").isEqualTo(TO_OTHERS | 0x51);
  }

  @Test
  void physicalDestinationsAreTheIdOrEverybody() {
    for (int[] target : new int[][] {{0, 1}, {1, 0}, {0xFF, 1}}) {
      out(ICR_HIGH, target[0] << 24);
      send(0x50);
      assertThat(apic.isPending()).as("to %d", target[0]).isEqualTo(target[1] == 1);
      if (target[1] == 1) {
        take(0x50);
        out(EOI, 0);
      }
    }
    out(ID, 3 << 24);
    out(ICR_HIGH, 3 << 24);
    send(0x50);
    take(0x50);
  }

  @Test
  void logicalDestinationsAreBitsOrClustersOfBits() {
    out(LDR, 0x02 << 24);
    int[][] flat = {{0x02, 1}, {0x03, 1}, {0x04, 0}, {0xFF, 1}};
    int[][] clusters = {{0x22, 0}, {0x12, 1}, {0x14, 0}, {0xF2, 1}};
    for (int[] target : flat) {
      logical(target[0], target[1] == 1);
    }
    out(LDR, 0x12 << 24);
    out(DFR, 0x0FFF_FFFF);
    for (int[] target : clusters) {
      logical(target[0], target[1] == 1);
    }
  }

  private void logical(int to, boolean meant) {
    out(ICR_HIGH, to << 24);
    send(LOGICAL | 0x50);
    assertThat(apic.isPending()).as("to 0x%x", to).isEqualTo(meant);
    if (meant) {
      take(0x50);
      out(EOI, 0);
    }
  }

  @Test
  void initAndStartUpOfAbsentCpusAreIgnored() {
    out(ICR_HIGH, 1 << 24);
    send(0x4500);
    send(0x4608);
    send(TO_OTHERS | 0x4500);
    assertThat(apic.isPending()).isFalse();
    assertThat(in(ESR)).isZero();
  }

  @Test
  void nmiIsTakenOnceFromCommandsAndThePin() {
    send(TO_SELF | NMI_MODE);
    assertThat(apic.isNmiPending()).isTrue();
    assertThat(wakes).hasValue(1);
    apic.acknowledgeNmi();
    assertThat(apic.isNmiPending()).isFalse();
    apic.nmiPin().pulse();
    assertThat(apic.isNmiPending()).isTrue();
    apic.acknowledgeNmi();
    out(LVT_LINT1, 0x1_0400);
    apic.nmiPin().pulse();
    assertThat(apic.isNmiPending()).isFalse();
  }

  @Test
  void errorsShowWhenTheyAreLatched() {
    send(TO_SELF | 0x0F);
    assertThat(in(ESR)).isZero();
    out(ESR, 0);
    assertThat(in(ESR)).as("sent an illegal vector").isEqualTo(0x20);
    assertThat(in(0x3D0)).isZero();
    assertThat(in(ESR)).isEqualTo(0x20);
    out(ESR, 0);
    assertThat(in(ESR)).as("an illegal register").isEqualTo(0x80);
    out(ESR, 0);
    assertThat(in(ESR)).isZero();
  }

  @Test
  void anErrorInterruptsWhereItsEntryIsOpen() {
    out(LVT_ERROR, 0x77);
    send(TO_SELF | 0x0F);
    take(0x77);
    out(EOI, 0);
    send(TO_SELF | 0x0F);
    assertThat(apic.isPending()).as("the same error once more").isFalse();
    out(ESR, 0);
    send(TO_SELF | 0x0F);
    take(0x77);
  }

  @Test
  void levelTriggeredInterruptsAreMarkedAndTheirEndIsBroadcast() {
    List<Integer> ended = new ArrayList<>();
    apic.setEndOfLevelListener(ended::add);
    apic.receive(0, false, 0, 0x61, true);
    assertThat(in(TMR + 0x30)).isEqualTo(2);
    take(0x61);
    out(EOI, 0);
    assertThat(ended).containsExactly(0x61);
    send(TO_SELF | 0x61);
    assertThat(in(TMR + 0x30)).as("an edge now").isZero();
    take(0x61);
    out(EOI, 0);
    assertThat(ended).hasSize(1);
  }

  @Test
  void partsOfRegistersCanBeReadAndNotWritten() {
    assertThat(page.read(VERSION, 1) & 0xFF).isEqualTo(0x14);
    assertThat(page.read(VERSION + 2, 2)).isEqualTo(5);
    assertThat(page.read(VERSION + 4, 4)).isZero();
    page.write(TPR, 1, 0x50);
    page.write(TPR + 4, 4, 0x50);
    assertThat(in(TPR)).isZero();
  }

  @Test
  void aStateThatIsPutBackIsTheSame() {
    send(TO_SELF | 0x45);
    take(0x45);
    send(TO_SELF | 0x55);
    out(TPR, 0x20);
    out(LVT_LINT0, 0x1_0700);
    out(LDR, 0x04 << 24);
    var state = apic.capture();
    var access = page.capture();
    out(EOI, 0);
    apic.acknowledge();
    out(TPR, 0xF0);
    out(LDR, 0);
    out(SVR, 0xFF);
    send(TO_OTHERS | 0x99);
    state.restore();
    access.restore();

    assertThat(in(SVR)).isEqualTo(0x1FF);
    assertThat(in(ICR)).isEqualTo(TO_SELF | 0x55);
    assertThat(in(LDR)).isEqualTo(0x04 << 24);
    assertThat(in(TPR)).isEqualTo(0x20);
    assertThat(in(LVT_LINT0)).isEqualTo(0x1_0700);
    assertThat(in(ISR + 0x20)).isEqualTo(1 << 5);
    take(0x55);
  }
}
