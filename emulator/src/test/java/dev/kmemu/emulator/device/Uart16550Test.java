package dev.kmemu.emulator.device;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** The 16550A by its registers. */
@Timeout(60)
class Uart16550Test {

  private static final int DATA = 0x3F8;
  private static final int IER = 0x3F9;
  private static final int IIR = 0x3FA;
  private static final int FCR = 0x3FA;
  private static final int LCR = 0x3FB;
  private static final int MCR = 0x3FC;
  private static final int LSR = 0x3FD;
  private static final int MSR = 0x3FE;
  private static final int SCRATCH = 0x3FF;

  private final StringBuilder sent = new StringBuilder();
  private final PortSpace ports = new PortSpace();
  private boolean interrupt;
  private int edges;
  private final Uart16550 uart =
      new Uart16550(
          Uart16550.COM1,
          high -> {
            edges += high && !interrupt ? 1 : 0;
            interrupt = high;
          },
          character -> sent.append((char) character));

  Uart16550Test() {
    uart.attachTo(ports);
    out(MCR, 0x0B);
  }

  private void out(int port, int value) {
    ports.write(port, 1, value);
  }

  private int in(int port) {
    return ports.read(port, 1);
  }

  @Test
  void charactersAreSentAndTheTransmitterIsEmptyAgain() {
    out(DATA, 'o');
    out(DATA, 'k');
    assertThat(sent).hasToString("ok");
    assertThat(in(LSR)).isEqualTo(0x60);
  }

  @Test
  void whoeverWantsToKnowHearsOfCharactersThatWereTaken() {
    StringBuilder heard = new StringBuilder();
    uart.setReceivedOne(() -> heard.append('.'));
    uart.receive('a');
    out(MCR, 0);
    uart.receive('b');
    assertThat(heard).hasToString(".");
  }

  @Test
  void theDivisorLatchHidesDataAndInterruptEnable() {
    out(IER, 0x05);
    out(LCR, 0x83);
    out(DATA, 0x0C);
    out(IER, 0x01);
    assertThat(sent).as("nothing is sent").isEmpty();
    assertThat(in(DATA)).isEqualTo(0x0C);
    assertThat(in(IER)).isEqualTo(0x01);
    out(LCR, 0x03);
    assertThat(in(IER)).isEqualTo(0x05);
    assertThat(in(LCR)).isEqualTo(0x03);
  }

  @Test
  void onlyExistingBitsAreKept() {
    out(IER, 0xF0);
    out(MCR, 0xEB);
    out(SCRATCH, 0xA5);
    assertThat(in(IER)).isZero();
    assertThat(in(MCR)).isEqualTo(0x0B);
    assertThat(in(SCRATCH)).isEqualTo(0xA5);
  }

  @Test
  void fifosShowInTheInterruptIdentification() {
    assertThat(in(IIR)).isEqualTo(0x01);
    out(FCR, 0x01);
    assertThat(in(IIR)).isEqualTo(0xC1);
  }

  @Test
  void aReceivedCharacterInterruptsUntilItIsRead() {
    out(IER, 0x01);
    assertThat(uart.receive('x')).isTrue();
    assertThat(interrupt).isTrue();
    assertThat(in(IIR)).isEqualTo(0x04);
    assertThat(in(LSR)).isEqualTo(0x61);
    assertThat(in(DATA)).isEqualTo('x');
    assertThat(interrupt).isFalse();
    assertThat(in(LSR)).isEqualTo(0x60);
  }

  @Test
  void withoutFifosOneCharacterFitsAndWithThem16() {
    assertThat(uart.receive('a')).isTrue();
    assertThat(uart.receive('b')).isFalse();
    out(FCR, 0x01);
    for (int i = 0; i < 16; i++) {
      assertThat(uart.receive(i)).isTrue();
    }
    assertThat(uart.receive(16)).isFalse();
    for (int i = 0; i < 16; i++) {
      assertThat(in(DATA)).isEqualTo(i);
    }
  }

  @Test
  void theTriggerLevelTellsDataFromTimeout() {
    out(FCR, 0x41);
    out(IER, 0x01);
    uart.receive(1);
    assertThat(in(IIR)).as("3 more characters' time is over").isEqualTo(0xCC);
    uart.receive(2);
    uart.receive(3);
    uart.receive(4);
    assertThat(in(IIR)).isEqualTo(0xC4);
  }

  @Test
  void anEmptyTransmitterInterruptsWhenThatIsEnabled() {
    out(IER, 0x02);
    assertThat(interrupt).isTrue();
    assertThat(in(IIR)).isEqualTo(0x02);
    assertThat(interrupt).as("reading IIR clears it").isFalse();
    out(DATA, 'x');
    assertThat(interrupt).isTrue();
    assertThat(edges).as("a new edge for each character").isEqualTo(2);
    out(DATA, 'y');
    assertThat(edges).isEqualTo(3);
  }

  @Test
  void receivedDataComesBeforeAnEmptyTransmitter() {
    out(IER, 0x03);
    uart.receive('x');
    assertThat(in(IIR)).isEqualTo(0x04);
    in(DATA);
    assertThat(in(IIR)).isEqualTo(0x02);
  }

  @Test
  void out2ConnectsTheInterrupt() {
    out(MCR, 0x03);
    out(IER, 0x02);
    assertThat(interrupt).isFalse();
    out(MCR, 0x0B);
    assertThat(interrupt).isTrue();
  }

  @Test
  void loopbackReturnsCharactersAndModemLines() {
    out(MCR, 0x10);
    assertThat(in(MSR) & 0xF0).isZero();
    out(MCR, 0x1A);
    assertThat(in(MSR) & 0xF0).as("RTS is CTS, OUT2 is DCD").isEqualTo(0x90);
    out(DATA, 'l');
    assertThat(sent).isEmpty();
    assertThat(in(DATA)).isEqualTo('l');
    out(MCR, 0x0B);
    assertThat(in(MSR) & 0xF0).as("somebody is connected").isEqualTo(0xB0);
  }

  @Test
  void anOverrunIsToldOnceAndBeforeAnythingElse() {
    out(MCR, 0x1B);
    out(IER, 0x07);
    out(DATA, 1);
    out(DATA, 2);
    assertThat(in(IIR)).isEqualTo(0x06);
    assertThat(in(LSR)).isEqualTo(0x63);
    assertThat(in(LSR)).isEqualTo(0x61);
  }

  @Test
  void clearingTheFifoDropsWhatWasReceived() {
    out(FCR, 0x01);
    uart.receive('x');
    out(FCR, 0x03);
    assertThat(in(LSR)).isEqualTo(0x60);
    assertThat(in(DATA)).isZero();
  }

  @Test
  void nothingIsReceivedWhileRtsIsDownOrInLoopback() {
    out(MCR, 0x09);
    assertThat(uart.receive('x')).isFalse();
    out(MCR, 0x1B);
    assertThat(uart.receive('x')).isFalse();
    out(MCR, 0x0B);
    assertThat(uart.receive('x')).isTrue();
  }

  @Test
  void whoWaitsForTheGuestGoesOnWhenItHasRead() throws InterruptedException {
    uart.receive('a');
    CountDownLatch ready = new CountDownLatch(1);
    Thread waiting =
        new Thread(
            () -> {
              try {
                uart.awaitReady();
                ready.countDown();
              } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
              }
            });
    waiting.start();
    in(DATA);
    ready.await();
    assertThat(uart.receive('b')).isTrue();
    waiting.join();
  }

  @Test
  void aStateThatIsPutBackInterruptsAgain() {
    out(FCR, 0x01);
    out(IER, 0x01);
    uart.receive('p');
    uart.receive('q');
    var state = uart.capture();
    out(FCR, 0);
    out(IER, 0);
    assertThat(interrupt).isFalse();
    state.restore();
    assertThat(interrupt).isTrue();
    assertThat(in(DATA)).isEqualTo('p');
    assertThat(in(DATA)).isEqualTo('q');
  }
}
