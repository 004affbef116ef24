package dev.kmemu.emulator.device;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

/** The 8259A pair by its registers. */
class PicPairTest {

  private static final int EOI = 0x20;
  private static final int READ_IRR = 0x0A;
  private static final int READ_ISR = 0x0B;

  private final AtomicInteger wakes = new AtomicInteger();
  private final PortSpace ports = new PortSpace();
  private final PicPair pic = new PicPair(wakes::incrementAndGet);

  PicPairTest() {
    pic.attachTo(ports);
    initialize(0x01);
  }

  /** As a PC's kernel does it: vectors 0x20 to 0x2F. */
  private void initialize(int icw4) {
    out(0x20, 0x11, 0xA0, 0x11, 0x21, 0x20, 0xA1, 0x28, 0x21, 4, 0xA1, 2);
    out(0x21, icw4, 0xA1, icw4);
  }

  private void out(int... portsAndValues) {
    for (int i = 0; i < portsAndValues.length; i += 2) {
      assertThat(ports.write(portsAndValues[i], 1, portsAndValues[i + 1])).isTrue();
    }
  }

  private int in(int port) {
    return ports.read(port, 1);
  }

  private int in(int port, int command) {
    out(port, command);
    return in(port);
  }

  private void raise(int... lines) {
    for (int line : lines) {
      pic.pin(line).pulse();
    }
  }

  @Test
  void anEdgeIsServedOnceByItsVector() {
    raise(4);

    assertThat(pic.isPending()).isTrue();
    assertThat(wakes).hasValue(1);
    assertThat(pic.acknowledge()).isEqualTo(0x24);
    assertThat(pic.isPending()).isFalse();
    assertThat(pic.acknowledge()).as("spurious").isEqualTo(0x27);
    assertThat(in(0x20, READ_ISR)).isEqualTo(0x10);
    out(0x20, EOI);
    assertThat(in(0x20, READ_ISR)).isZero();
  }

  @Test
  void aLineThatStaysHighIsNotANewEdge() {
    pic.pin(3).set(true);
    assertThat(pic.acknowledge()).isEqualTo(0x23);
    out(0x20, EOI);
    pic.pin(3).set(true);

    assertThat(pic.isPending()).isFalse();
    pic.pin(3).set(false);
    pic.pin(3).set(true);
    assertThat(pic.isPending()).isTrue();
  }

  @Test
  void aLevelAsksAgainAfterItsEndUntilItFalls() {
    out(0x4D0, 0xFF, 0x4D1, 0xFF);
    assertThat(in(0x4D0)).as("0, 1 and 2 are always edges").isEqualTo(0xF8);
    assertThat(in(0x4D1)).as("so are 8 and 13").isEqualTo(0xDE);
    pic.pin(5).set(true);
    assertThat(pic.acknowledge()).isEqualTo(0x25);
    assertThat(pic.isPending()).as("in service").isFalse();
    out(0x20, EOI);
    assertThat(pic.isPending()).isTrue();
    pic.pin(5).set(false);
    assertThat(pic.isPending()).isFalse();
  }

  @Test
  void aMaskedRequestWaitsUntilItIsUnmasked() {
    out(0x21, 0xFB);
    assertThat(in(0x21)).as("kernels probe for a PIC so").isEqualTo(0xFB);
    raise(1);
    assertThat(pic.isPending()).isFalse();
    assertThat(in(0x20, READ_IRR)).isEqualTo(0x02);

    out(0x21, 0x00);
    assertThat(pic.acknowledge()).isEqualTo(0x21);
  }

  @Test
  void lowerLinesComeFirstAndInterruptHigherOnes() {
    raise(7, 3);
    assertThat(pic.acknowledge()).isEqualTo(0x23);
    assertThat(pic.isPending()).as("7 waits for 3").isFalse();
    raise(1);
    assertThat(pic.acknowledge()).as("1 interrupts 3").isEqualTo(0x21);
    out(0x20, EOI);
    assertThat(in(0x20, READ_ISR)).as("the highest in service ended").isEqualTo(0x08);
    assertThat(pic.isPending()).isFalse();
    out(0x20, EOI);
    assertThat(pic.acknowledge()).isEqualTo(0x27);
  }

  @Test
  void aSpecificEndOfInterruptEndsTheLineItNames() {
    raise(5);
    pic.acknowledge();
    raise(2 + 1);
    pic.acknowledge();
    out(0x20, 0x60 | 5);
    assertThat(in(0x20, READ_ISR)).isEqualTo(0x08);
  }

  @Test
  void theSlaveIsServedThroughLine2() {
    raise(12);
    assertThat(in(0x20, READ_IRR)).isEqualTo(0x04);
    assertThat(pic.acknowledge()).isEqualTo(0x2C);
    assertThat(in(0x20, READ_ISR)).isEqualTo(0x04);
    assertThat(in(0xA0, READ_ISR)).isEqualTo(0x10);
    raise(8);
    assertThat(pic.isPending()).as("line 2 is in service").isFalse();
    out(0xA0, EOI, 0x20, EOI);
    assertThat(pic.acknowledge()).isEqualTo(0x28);
  }

  @Test
  void specialFullyNestedModeLetsTheSlavesHigherLinesThrough() {
    initialize(0x11);
    raise(12);
    pic.acknowledge();
    raise(8);
    assertThat(pic.acknowledge()).isEqualTo(0x28);
  }

  @Test
  void aRequestOfTheSlaveThatGoesAwayIsWithdrawn() {
    out(0x4D1, 0x02);
    pic.pin(9).set(true);
    assertThat(pic.isPending()).isTrue();
    pic.pin(9).set(false);
    assertThat(pic.isPending()).isFalse();
    assertThat(pic.acknowledge()).as("spurious").isEqualTo(0x27);
  }

  @Test
  void aSlaveThatStillAsksIsServedNext() {
    initialize(0x03);
    raise(8, 12);
    assertThat(pic.acknowledge()).isEqualTo(0x28);
    assertThat(pic.acknowledge()).isEqualTo(0x2C);
    assertThat(pic.isPending()).isFalse();
  }

  @Test
  void rotationMakesTheServedLineTheLowest() {
    raise(3);
    pic.acknowledge();
    out(0x20, 0xA0);
    raise(3, 4);
    assertThat(pic.acknowledge()).isEqualTo(0x24);
  }

  @Test
  void setPriorityMakesTheNamedLineTheLowest() {
    out(0x20, 0xC0 | 5);
    raise(0, 6);
    assertThat(pic.acknowledge()).isEqualTo(0x26);
  }

  @Test
  void automaticEndOfInterruptLeavesNothingInService() {
    initialize(0x03);
    raise(6);
    assertThat(pic.acknowledge()).isEqualTo(0x26);
    assertThat(in(0x20, READ_ISR)).isZero();
    raise(7);
    assertThat(pic.isPending()).isTrue();
  }

  @Test
  void specialMaskModeLetsLowerLinesThroughAMaskedOne() {
    raise(1);
    pic.acknowledge();
    raise(6);
    assertThat(pic.isPending()).isFalse();
    out(0x21, 0x02, 0x20, 0x68);
    assertThat(pic.acknowledge()).isEqualTo(0x26);
  }

  @Test
  void aPollTakesTheInterruptOnce() {
    raise(4);
    assertThat(in(0x20, 0x0C)).isEqualTo(0x84);
    assertThat(pic.isPending()).isFalse();
    assertThat(in(0x20, READ_ISR)).isEqualTo(0x10);
    assertThat(in(0x20, 0x0C)).as("nothing left").isZero();
  }

  @Test
  void initializationForgetsRequestsAndMasks() {
    out(0x21, 0xFF);
    raise(4);
    initialize(0x01);
    assertThat(in(0x21)).isZero();
    assertThat(pic.isPending()).isFalse();
  }

  @Test
  void registersOfBothAreSeenAtOnce() {
    out(0x21, 0x01, 0xA1, 0x80);
    raise(4, 11);
    pic.acknowledge();
    assertThat(pic.register(PicPair.Register.REQUESTED)).isEqualTo(1 << 4);
    assertThat(pic.register(PicPair.Register.IN_SERVICE)).isEqualTo(1 << 11 | 1 << 2);
    assertThat(pic.register(PicPair.Register.MASKED)).isEqualTo(0x8001);
    assertThat(pic.acknowledged()).isOne();
  }

  @Test
  void thereIsNoLine2AndNoLine16() {
    for (int line : new int[] {2, 16, -1}) {
      assertThatThrownBy(() -> pic.pin(line)).isInstanceOf(IllegalArgumentException.class);
    }
  }

  @Test
  void aStateThatIsPutBackIsTheSame() {
    raise(12);
    pic.acknowledge();
    raise(4);
    var state = pic.capture();
    out(0xA0, EOI, 0x20, EOI, 0x21, 0xFF);
    state.restore();

    assertThat(in(0x21)).isZero();
    assertThat(in(0xA0, READ_ISR)).isEqualTo(0x10);
    assertThat(pic.isPending()).as("line 2 is in service, 4 is behind it").isFalse();
    out(0xA0, EOI, 0x20, EOI);
    assertThat(pic.acknowledge()).isEqualTo(0x24);
  }

  @Test
  void aLevelThatFallsBeforeItIsAcknowledgedIsALine7ThatIsNotInService() {
    out(0x4D0, 1 << 5, 0x4D1, 1 << 3);
    pic.pin(5).set(true);
    pic.pin(5).set(false);
    assertThat(pic.acknowledge()).isEqualTo(0x27);
    assertThat(in(0x20, 0x0B)).as("in service").isZero();
    raise(7);
    assertThat(pic.acknowledge()).as("the real one").isEqualTo(0x27);
    assertThat(in(0x20, 0x0B)).isEqualTo(1 << 7);
  }

  @Test
  void nmiPassesByTheControllers() {
    assertThat(pic.isNmiPending()).isFalse();
    pic.nmiPin().pulse();
    assertThat(pic.isNmiPending()).isTrue();
    assertThat(pic.isPending()).isFalse();
    pic.acknowledgeNmi();
    assertThat(pic.isNmiPending()).isFalse();
  }
}
