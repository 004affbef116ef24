package dev.kmemu.emulator.machine;

import static dev.kmemu.emulator.machine.InterruptedGuest.NMI;
import static dev.kmemu.emulator.machine.InterruptedGuest.VECTOR;
import static org.assertj.core.api.Assertions.assertThat;

import dev.kmemu.emulator.cpu.Register;
import dev.kmemu.emulator.device.ApicAccess;
import dev.kmemu.emulator.device.LocalApic;
import dev.kmemu.emulator.time.TimeMode;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** What a local APIC does to the CPU that uses it. */
@Timeout(60)
class ApicOnTheCpuTest {

  private static final int SELF = 1 << 18;

  /** RSI points at the page of the APIC. */
  private static InterruptedGuest guest(String hex, MachineOptions options) {
    InterruptedGuest made = new InterruptedGuest(hex, options);
    Machine machine = made.guest.machine;
    LocalApic apic =
        new LocalApic(
            machine.timers(),
            made.line,
            machine.processor()::timeStampOffset,
            machine::interruptsChanged);
    ApicAccess access = new ApicAccess(apic, machine.processor()::setApic);
    apic.setTaskPriorityListener(machine::setTaskPriority);
    machine.processor().setTaskPriorityListener(apic::setTaskPriorityClass);
    machine.processor().attach(access);
    machine.processor().setApic(true);
    machine.addSnapshotPart(apic);
    machine.mmio().attach(ApicAccess.PAGE, ApicAccess.PAGE_BYTES, access);
    machine.setInterruptController(apic);
    made.guest.store(0x3000 + 8L * 5, ApicAccess.PAGE.value() | 0x83);
    made.guest.set(Register.RSI, 5 << 21);
    return made;
  }

  private static InterruptedGuest guest(String hex) {
    return guest(hex, MachineOptions.standard());
  }

  private static void runToTheEnd(InterruptedGuest guest) {
    assertThat(guest.runToTheEnd()).isEqualTo(new GuestOutcome.Halted());
  }

  private static String store(int register, int value) {
    return "c786" + InterruptedGuest.le32(register) + InterruptedGuest.le32(value);
  }

  @Test
  void aSelfIpiIsTakenBehindItsBasicBlock() {
    // sti; nop; store; jmp next; next: cli; hlt
    try (InterruptedGuest guest = guest("fb 90" + store(0x300, SELF | VECTOR) + "eb00 fa f4")) {
      runToTheEnd(guest);
      assertThat(guest.count(VECTOR)).isEqualTo(1);
      assertThat(guest.interruptedAt(VECTOR)).isEqualTo(2 + 10 + 2);
    }
  }

  @Test
  void anEndLetsTheNextOfTheClassIn() {
    int other = VECTOR + 1;
    // cli; two IPIs; sti; nop; EOI; jmp next; next: nop; cli; hlt
    try (InterruptedGuest guest =
        guest(
            "fa"
                + store(0x300, SELF | VECTOR)
                + store(0x300, SELF | other)
                + "fb 90 eb00"
                + store(0xB0, 0)
                + "eb00 90 fa f4")) {
      guest.counter(other);
      runToTheEnd(guest);
      assertThat(guest.count(other)).isEqualTo(1);
      assertThat(guest.count(VECTOR)).isEqualTo(1);
      assertThat(guest.interruptedAt(VECTOR)).isEqualTo(1 + 20 + 4 + 10 + 2);
    }
  }

  @Test
  void inX2ApicModeTheNextInstructionIsInterrupted() {
    // mov ecx, 0x1b; mov eax, 0xfee00d00; xor edx, edx; wrmsr;
    // sti; mov ecx, 0x83f; mov eax, VECTOR; wrmsr; nop; cli; hlt
    try (InterruptedGuest guest =
        guest(
            "b91b000000 b8000de0fe 31d2 0f30 fb b93f080000 b8"
                + InterruptedGuest.le32(VECTOR)
                + "0f30 90 fa f4")) {
      runToTheEnd(guest);
      assertThat(guest.count(VECTOR)).isEqualTo(1);
      assertThat(guest.interruptedAt(VECTOR)).isEqualTo(14 + 1 + 10 + 2);
    }
  }

  @Test
  void cr8AndTheTaskPriorityRegisterAreOne() {
    // sti; TPR = 50; mov rbx, cr8; IPI 40; jmp; xor eax, eax; mov cr8, rax; nop; mov ecx, [TPR];
    // cli; hlt
    try (InterruptedGuest guest =
        guest(
            "fb"
                + store(0x80, 0x50)
                + "440f20c3"
                + store(0x300, SELF | VECTOR)
                + "eb00 31c0 440f22c0 90 8b8e80000000 fa f4")) {
      guest.guest.set(Register.RCX, -1);
      runToTheEnd(guest);
      assertThat(guest.guest.get(Register.RBX)).isEqualTo(5);
      assertThat(guest.interruptedAt(VECTOR)).isEqualTo(1 + 10 + 4 + 10 + 2 + 2 + 4);
      assertThat(guest.guest.get(Register.RCX)).isZero();
    }
  }

  @Test
  void anNmiToItselfIsTakenWithInterruptsDisabled() {
    try (InterruptedGuest guest = guest("fa" + store(0x300, SELF | 4 << 8) + "eb00 90 f4")) {
      runToTheEnd(guest);
      assertThat(guest.count(NMI)).isEqualTo(1);
    }
  }

  @Test
  void aHaltedCpuIsWokenByTheTimer() {
    // divide by 1; LVT timer; initial count; sti; hlt; cli; hlt
    String code = store(0x3E0, 0xB) + store(0x320, VECTOR) + store(0x380, 100_000) + "fb f4 fa f4";
    for (TimeMode mode : TimeMode.values()) {
      try (InterruptedGuest guest = guest(code, MachineOptions.standard().withTime(mode))) {
        runToTheEnd(guest);
        assertThat(guest.count(VECTOR)).as("%s", mode).isEqualTo(1);
        assertThat(guest.guest.machine.clock().nanos()).isGreaterThanOrEqualTo(4_000_000);
      }
    }
  }

  @Test
  void aSnapshotHoldsWhatIsPendingAndInService() {
    // cli; IPI; pause in between; sti; nop; cli; hlt
    try (InterruptedGuest guest = guest("fa" + store(0x300, SELF | VECTOR) + "cc fb 90 fa f4")) {
      guest.handler(3, "f4");
      runToTheEnd(guest);
      try (MachineSnapshot snapshot = guest.guest.machine.snapshot()) {
        for (int i = 1; i <= 2; i++) {
          guest.guest.machine.restore(snapshot);
          guest.guest.set(Register.RIP, GuestProgram.CODE + 12);
          runToTheEnd(guest);
          assertThat(guest.count(VECTOR)).isEqualTo(1);
        }
      }
    }
  }
}
