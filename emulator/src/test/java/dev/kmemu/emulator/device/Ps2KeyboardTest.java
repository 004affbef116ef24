package dev.kmemu.emulator.device;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** A keyboard by the registers of its controller. */
class Ps2KeyboardTest {

  private static final int A = 0x1E;
  private static final int UP = 0x148;
  private static final int RELEASED = 0x80;

  private final PortSpace ports = new PortSpace();
  private final Ps2Keyboard keyboard = new Ps2Keyboard();
  private int interrupts;
  private final KeyboardController controller =
      new KeyboardController(new PowerSwitch(), high -> interrupts += high ? 1 : 0, keyboard);

  Ps2KeyboardTest() {
    controller.attachTo(ports);
  }

  private boolean isFull() {
    return (ports.read(0x64, 1) & 1) != 0;
  }

  private List<Integer> all() {
    List<Integer> bytes = new ArrayList<>();
    while (isFull()) {
      bytes.add(ports.read(0x60, 1));
    }
    return bytes;
  }

  private void mode(int mode) {
    ports.write(0x64, 1, 0x60);
    ports.write(0x60, 1, mode);
  }

  private List<Integer> tell(int... bytes) {
    List<Integer> answers = new ArrayList<>();
    for (int octet : bytes) {
      ports.write(0x60, 1, octet);
      answers.addAll(all());
    }
    return answers;
  }

  @Test
  void aBiosLeavesItsInterruptAndTheTranslationOn() {
    ports.write(0x64, 1, 0x20);
    assertThat(all()).containsExactly(0x65);
  }

  @Test
  void keysArriveInSet1OneByteAndOneInterruptAtATime() {
    assertThat(controller.key(A, A | RELEASED)).isTrue();
    assertThat(interrupts).isEqualTo(1);
    assertThat(ports.read(0x60, 1)).isEqualTo(A);
    assertThat(interrupts).isEqualTo(2);
    assertThat(ports.read(0x60, 1)).isEqualTo(A | RELEASED);
    assertThat(isFull()).isFalse();
    assertThat(ports.read(0x60, 1)).as("the last one stays").isEqualTo(A | RELEASED);
    assertThat(interrupts).isEqualTo(2);
  }

  @Test
  void eachKeyIsTranslatedToItself() {
    for (int key = 1; key < 0x80; key++) {
      controller.key(key, key | RELEASED);
      assertThat(all()).as("key 0x%x", key).containsExactly(key, key | RELEASED);
    }
  }

  @Test
  void keysOfLaterKeyboardsHaveAPrefix() {
    controller.key(UP, UP | RELEASED);
    assertThat(all()).containsExactly(0xE0, 0x48, 0xE0, 0xC8);
  }

  @Test
  void withoutTranslationTheCodesAreThoseOfSet2() {
    mode(0x25);
    controller.key(A, A | RELEASED, UP | RELEASED, 0x41);
    assertThat(all()).containsExactly(0x1C, 0xF0, 0x1C, 0xE0, 0xF0, 0x75, 0x83);
    assertThat(tell(0xF0, 1)).containsExactly(0xFA, 0xFA);
    controller.key(A, UP | RELEASED);
    assertThat(all()).containsExactly(A, 0xE0, 0xC8);
    assertThat(tell(0xF0, 0)).as("which set").containsExactly(0xFA, 0xFA, 1);
    assertThat(tell(0xF0, 3)).as("no set 3").containsExactly(0xFA, 0xFE);
  }

  @Test
  void withoutItsInterruptItIsPolled() {
    mode(0x64);
    controller.key(A);
    assertThat(interrupts).isZero();
    assertThat(all()).containsExactly(A);
  }

  @Test
  void aDisabledKeyboardKeepsItsKeys() {
    ports.write(0x64, 1, 0xAD);
    controller.key(A);
    assertThat(isFull()).isFalse();
    ports.write(0x64, 1, 0xAE);
    assertThat(all()).containsExactly(A);
  }

  @Test
  void itAnswersTheCommandsOfAProbe() {
    assertThat(tell(0xFF)).as("reset, self-test").containsExactly(0xFA, 0xAA);
    assertThat(tell(0xF2)).as("identity, translated").containsExactly(0xFA, 0xAB, 0x41);
    assertThat(tell(0xED, 2)).as("LEDs").containsExactly(0xFA, 0xFA);
    assertThat(tell(0xF3, 0x20)).as("rate").containsExactly(0xFA, 0xFA);
    assertThat(tell(0xEE)).as("echo").containsExactly(0xEE);
    assertThat(tell(0xFE)).as("again").containsExactly(0xEE);
    assertThat(tell(0xF8)).as("of set 3").containsExactly(0xFA);
    assertThat(tell(0x12)).as("no command").containsExactly(0xFE);
    assertThat(tell(0xED, 0xF4)).as("a command in place of LEDs").containsExactly(0xFA, 0xFA);
  }

  @Test
  void scanningIsSwitchedOffAndOn() {
    assertThat(tell(0xF5)).containsExactly(0xFA);
    assertThat(controller.key(A)).isTrue();
    assertThat(isFull()).isFalse();
    assertThat(tell(0xF4)).containsExactly(0xFA);
    controller.key(A);
    assertThat(all()).containsExactly(A);
  }

  @Test
  void keysWaitUntilThereIsRoomForTheirCodes() {
    mode(0x74);
    int taken = 0;
    while (controller.key(UP, UP | RELEASED)) {
      taken++;
    }
    assertThat(taken).as("5 bytes each of 16").isEqualTo(3);
    mode(0x64);
    assertThat(all()).hasSize(3 * 4);
  }

  @Test
  void anAnswerOfTheControllerComesBeforeKeysThatWait() {
    controller.key(A, A | RELEASED);
    assertThat(ports.read(0x60, 1)).isEqualTo(A);
    ports.write(0x64, 1, 0xAA);
    assertThat(all()).contains(0x55);
  }

  @Test
  void aSnapshotKeepsWhatWaits() {
    mode(0x75);
    controller.key(A, A | RELEASED);
    long[] keys = keyboard.save();
    long[] state = controller.save();
    mode(0x65);
    all();
    keyboard.restore(keys);
    controller.restore(state);
    assertThat(keyboard.save()).isEqualTo(keys);
    mode(0x65);
    assertThat(all()).containsExactly(A, A | RELEASED);
  }
}
