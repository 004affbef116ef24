package dev.kmemu.emulator.machine;

import static dev.kmemu.emulator.machine.InterruptedGuest.DEBUG;
import static dev.kmemu.emulator.machine.InterruptedGuest.NMI;
import static dev.kmemu.emulator.machine.InterruptedGuest.VECTOR;
import static org.assertj.core.api.Assertions.assertThat;

import dev.kmemu.emulator.cpu.InterruptSource;
import dev.kmemu.emulator.device.PortDevice;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Where in a program an interrupt is taken (Intel SDM vol. 3A, 6.7 and 6.8). */
@Timeout(60)
class InterruptWindowTest {

  private static final int PORT = 0x80;

  private static long takenAt(String hex) {
    try (InterruptedGuest guest = new InterruptedGuest(hex)) {
      guest.line.raise(VECTOR);
      assertThat(guest.runToTheEnd()).isEqualTo(new GuestOutcome.Halted());
      assertThat(guest.count(VECTOR)).isEqualTo(1);
      assertThat(guest.line.isPending()).isFalse();
      return guest.interruptedAt(VECTOR);
    }
  }

  private static void onWrite(InterruptedGuest guest, Runnable action) {
    guest
        .guest
        .machine
        .ports()
        .attach(
            PORT,
            1,
            new PortDevice() {
              @Override
              public boolean write(int port, int size, int value) {
                action.run();
                return true;
              }
            });
  }

  @Test
  void stiHoldsInterruptsBackForOneMoreInstruction() {
    // nop; sti; nop; nop; cli; hlt
    assertThat(takenAt("90 fb 90 90 fa f4")).isEqualTo(3);
  }

  @Test
  void anInstructionThatTheMachineExecutesUsesTheShadowUpToo() {
    // sti; cpuid; nop; cli; hlt
    assertThat(takenAt("fb 0fa2 90 90 fa f4")).isEqualTo(3);
  }

  @Test
  void stiAndCliWithNothingBetweenLetNoInterruptIn() {
    // sti; cli; nop; sti; nop; nop; cli; hlt
    assertThat(takenAt("fb fa 90 fb 90 90 fa f4")).isEqualTo(5);
  }

  @Test
  void popfOpensTheWindowAtOnce() {
    // push 0x202; popfq; nop; cli; hlt
    assertThat(takenAt("6802020000 9d 90 fa f4")).isEqualTo(6);
  }

  @Test
  void iretOpensTheWindowAtOnce() {
    // mov rcx, rsp; push 16; push rcx; push 0x202; push 8; lea rcx, [rip + 3]; push rcx; iretq;
    // nop; nop; cli; hlt
    assertThat(takenAt("4889e1 6a10 51 6802020000 6a08 488d0d03000000 51 48cf 90 90 fa f4"))
        .isEqualTo(23);
  }

  @Test
  void movToSsHoldsInterruptsBackForOneMoreInstruction() {
    // sti; nop; out 0x80, al; mov ss, eax; nop; nop; cli; hlt
    try (InterruptedGuest guest = new InterruptedGuest("fb 90 e680 8ed0 90 90 fa f4")) {
      onWrite(guest, () -> guest.line.raise(VECTOR));
      assertThat(guest.runToTheEnd()).isEqualTo(new GuestOutcome.Halted());
      assertThat(guest.count(VECTOR)).isEqualTo(1);
      assertThat(guest.interruptedAt(VECTOR)).isEqualTo(7);
    }
  }

  @Test
  void whatADeviceAsksForIsTakenAtTheEndOfTheBlock() {
    // sti; nop; out 0x80, al; inc ecx; jmp next; next: nop; cli; hlt
    try (InterruptedGuest guest = new InterruptedGuest("fb 90 e680 ffc1 eb00 90 fa f4")) {
      onWrite(guest, () -> guest.line.raise(VECTOR));
      assertThat(guest.runToTheEnd()).isEqualTo(new GuestOutcome.Halted());
      assertThat(guest.count(VECTOR)).isEqualTo(1);
      assertThat(guest.interruptedAt(VECTOR)).isEqualTo(8);
    }
  }

  @Test
  void aMaskedInterruptWaitsForEver() {
    try (InterruptedGuest guest = new InterruptedGuest("90 eb00 90 f4")) {
      guest.line.raise(VECTOR);
      assertThat(guest.runToTheEnd()).isEqualTo(new GuestOutcome.Halted());
      assertThat(guest.count(VECTOR)).isZero();
      assertThat(guest.line.isPending()).isTrue();
    }
  }

  @Test
  void anInterruptThatHasGoneAwayIsNone() {
    AtomicInteger asked = new AtomicInteger();
    InterruptSource fickle =
        new InterruptSource() {
          @Override
          public boolean isPending() {
            return asked.get() == 0;
          }

          @Override
          public int acknowledge() {
            asked.incrementAndGet();
            return NONE;
          }

          @Override
          public boolean isNmiPending() {
            return false;
          }

          @Override
          public void acknowledgeNmi() {}
        };
    try (InterruptedGuest guest = new InterruptedGuest("fb 90 90 fa f4")) {
      guest.guest.machine.setInterruptController(fickle);
      assertThat(guest.runToTheEnd()).isEqualTo(new GuestOutcome.Halted());
      assertThat(asked).hasValue(1);
      assertThat(guest.count(VECTOR)).isZero();
    }
  }

  @Test
  void aLineThatIsLoweredInTimeIsNotTaken() {
    // out 0x80, al; sti; nop; nop; cli; hlt
    try (InterruptedGuest guest = new InterruptedGuest("e680 fb 90 90 fa f4")) {
      onWrite(guest, guest.line::lower);
      guest.line.raise(VECTOR);
      assertThat(guest.runToTheEnd()).isEqualTo(new GuestOutcome.Halted());
      assertThat(guest.count(VECTOR)).isZero();
    }
  }

  @Test
  void anNmiIsTakenWhateverTheInterruptFlagSays() {
    // cli; out 0x80, al; jmp next; next: hlt
    try (InterruptedGuest guest = new InterruptedGuest("fa e680 eb00 f4")) {
      onWrite(guest, guest.line::nmi);
      assertThat(guest.runToTheEnd()).isEqualTo(new GuestOutcome.Halted());
      assertThat(guest.count(NMI)).isEqualTo(1);
      assertThat(guest.interruptedAt(NMI)).isEqualTo(5);
    }
  }

  @Test
  void aSecondNmiWaitsForTheEndOfTheFirst() {
    // out 0x80, al; jmp next; next: hlt
    try (InterruptedGuest guest = new InterruptedGuest("e680 eb00 90 f4")) {
      // inc ebx; cmp ebx, 1; jne done; out 0x80, al; jmp next; next: mov ecx, ebx;
      // done: inc qword [count]; iretq
      guest.handler(
          NMI,
          "ffc3 83fb01 7506 e680 eb00 89d9 48ff0425"
              + InterruptedGuest.le32(GuestProgram.DATA + 0x1000 + NMI * 8L)
              + "48cf");
      onWrite(guest, guest.line::nmi);
      assertThat(guest.runToTheEnd()).isEqualTo(new GuestOutcome.Halted());
      assertThat(guest.count(NMI)).isEqualTo(2);
      assertThat(guest.guest.get(dev.kmemu.emulator.cpu.Register.RCX))
          .as("NMIs that the first had seen at its end")
          .isEqualTo(1);
    }
  }

  @Test
  void anNmiGoesBeforeAnInterrupt() {
    // sti; nop; out 0x80, al; jmp next; next: cli; hlt
    try (InterruptedGuest guest = new InterruptedGuest("fb 90 e680 eb00 fa f4")) {
      onWrite(
          guest,
          () -> {
            guest.line.raise(VECTOR);
            guest.line.nmi();
          });
      assertThat(guest.runToTheEnd()).isEqualTo(new GuestOutcome.Halted());
      assertThat(guest.count(NMI)).isEqualTo(1);
      assertThat(guest.count(VECTOR)).isEqualTo(1);
      assertThat(guest.interruptedAt(NMI)).isEqualTo(6);
      assertThat(guest.interruptedAt(VECTOR)).as("served after the NMI").isEqualTo(6);
    }
  }

  @Test
  void aTracedProgramIsInterruptedAndGoesOnBeingTraced() {
    // push 0x302; popfq; nop; nop; nop; push 2; popfq; hlt
    try (InterruptedGuest guest = new InterruptedGuest("6802030000 9d 90 90 90 6a02 9d f4")) {
      guest.line.raise(VECTOR);
      assertThat(guest.runToTheEnd()).isEqualTo(new GuestOutcome.Halted());
      assertThat(guest.count(VECTOR)).isEqualTo(1);
      assertThat(guest.interruptedAt(VECTOR)).isEqualTo(6);
      assertThat(guest.count(DEBUG)).as("3 NOPs, PUSH, POPF").isEqualTo(5);
      assertThat(guest.interruptedAt(DEBUG)).isEqualTo(12);
    }
  }
}
