package dev.kmemu.emulator.machine;

import static dev.kmemu.emulator.machine.InterruptedGuest.VECTOR;
import static org.assertj.core.api.Assertions.assertThat;

import dev.kmemu.emulator.cpu.Register;
import dev.kmemu.emulator.debug.ResumeKind;
import dev.kmemu.emulator.device.MmioDevice;
import dev.kmemu.emulator.memory.PhysicalAddress;
import java.util.ArrayList;
import java.util.List;
import java.util.function.BooleanSupplier;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Devices behind memory addresses, on the real CPU. */
@Timeout(60)
class MmioTest {

  private static final long AT = 0xFEC0_0000L;

  private static final class Recorder implements MmioDevice {
    final List<String> accesses = new ArrayList<>();
    BooleanSupplier onWrite = () -> true;

    @Override
    public long read(int offset, int size) {
      accesses.add(String.format("r%x/%d", offset, size));
      return 0x8182_8384_8586_8788L + offset;
    }

    @Override
    public boolean write(int offset, int size, long value) {
      long mask = -1L >>> (Long.SIZE - size * Byte.SIZE);
      accesses.add(String.format("w%x/%d=%x", offset, size, value & mask));
      return onWrite.getAsBoolean();
    }
  }

  private final Recorder device = new Recorder();

  /** RSI points at the device. */
  private InterruptedGuest guest(String hex) {
    InterruptedGuest made = new InterruptedGuest(hex);
    made.guest.store(0x3000 + 8L * 5, AT | 0x83);
    made.guest.machine.mmio().attach(new PhysicalAddress(AT), 0x1000, device);
    made.guest.set(Register.RSI, 5 << 21);
    return made;
  }

  private static void runToTheEnd(InterruptedGuest guest) {
    assertThat(guest.runToTheEnd()).isEqualTo(new GuestOutcome.Halted());
  }

  @Test
  void loadsOfAllSizesReachTheDevice() {
    // mov al, [rsi]; movzx ebx, word [rsi+2]; mov ecx, [rsi+4]; mov rdx, [rsi+8]; hlt
    try (InterruptedGuest guest = guest("8a06 0fb75e02 8b4e04 488b5608 f4")) {
      runToTheEnd(guest);
      assertThat(device.accesses).containsExactly("r0/1", "r2/2", "r4/4", "r8/4", "rc/4");
      assertThat(guest.guest.get(Register.RAX) & 0xFF).isEqualTo(0x88);
      assertThat(guest.guest.get(Register.RBX)).isEqualTo(0x878A);
      assertThat(guest.guest.get(Register.RCX)).isEqualTo(0x8586_878CL);
      assertThat(guest.guest.get(Register.RDX)).isEqualTo(0x8586_8794_8586_8790L);
    }
  }

  @Test
  void storesOfAllSizesReachTheDeviceAndLongOnesComeInTwoParts() {
    // mov rax, 1122334455667788; mov [rsi], al; mov [rsi+2], ax; mov [rsi+4], eax; mov [rsi+8], rax
    try (InterruptedGuest guest = guest("48b88877665544332211 8806 66894602 894604 48894608 f4")) {
      runToTheEnd(guest);
      assertThat(device.accesses)
          .containsExactly(
              "w0/1=88", "w2/2=7788", "w4/4=55667788", "w8/4=55667788", "wc/4=11223344");
    }
  }

  @Test
  void anInstructionThatReadsAndWritesBackDoesBoth() {
    // mov eax, 1; lock or [rsi+0x10], eax; xchg [rsi+0x20], eax; hlt
    try (InterruptedGuest guest = guest("b801000000 f0094610 874620 f4")) {
      runToTheEnd(guest);
      assertThat(device.accesses).containsExactly("r10/4", "w10/4=85868799", "r20/4", "w20/4=1");
      assertThat(guest.guest.get(Register.RAX)).isEqualTo(0x8586_87A8L);
    }
  }

  @Test
  void addressesWithoutADeviceReadAsAllOnes() {
    // mov eax, [rsi+0x1000]; mov [rsi+0x1000], eax; hlt
    try (InterruptedGuest guest = guest("8b8600100000 898600100000 f4")) {
      runToTheEnd(guest);
      assertThat(device.accesses).isEmpty();
      assertThat(guest.guest.get(Register.RAX)).isEqualTo(0xFFFF_FFFFL);
    }
  }

  @Test
  void aDebuggerFindsNoMemoryThereAndTheDeviceHearsNothing() {
    try (InterruptedGuest guest = guest("f4")) {
      byte[] bytes = new byte[4];
      assertThat(
              guest
                  .guest
                  .machine
                  .debugTarget()
                  .physicalMemory()
                  .orElseThrow()
                  .read(new PhysicalAddress(AT), bytes, 0, 4)
                  .length())
          .isZero();
      assertThat(guest.guest.machine.ram().contains(new PhysicalAddress(AT), 1)).isFalse();
      assertThat(device.accesses).isEmpty();
    }
  }

  @Test
  void anInterruptOfAStoreIsTakenBehindItsBasicBlock() {
    // sti; nop; mov [rsi], eax; inc ebx; jmp next; next: inc ebx; cli; hlt
    try (InterruptedGuest guest = guest("fb 90 8906 ffc3 eb00 ffc3 fa f4")) {
      device.onWrite = () -> guest.line.raise(VECTOR);
      runToTheEnd(guest);
      assertThat(guest.count(VECTOR)).isEqualTo(1);
      assertThat(guest.interruptedAt(VECTOR)).isEqualTo(8);
    }
  }

  @Test
  void aStoreThatEndsTheRunEndsItWithTheBasicBlock() {
    // mov [rsi], eax; jmp next; next: inc ebx; hlt
    try (InterruptedGuest guest = guest("8906 eb00 ffc3 f4")) {
      device.onWrite =
          () -> {
            guest.guest.machine.power().powerOff();
            return false;
          };
      guest.guest.set(Register.RBX, 0);
      assertThat(guest.runToTheEnd()).isEqualTo(new GuestOutcome.PoweredOff());
      assertThat(guest.guest.get(Register.RBX)).isZero();
    }
  }

  @Test
  void whatADeviceThrowsEndsTheGuest() {
    try (InterruptedGuest guest = guest("8906 f4")) {
      device.onWrite =
          () -> {
            throw new IllegalStateException("broken device");
          };
      assertThat(guest.runToTheEnd()).isInstanceOf(GuestOutcome.EngineFailed.class);
    }
  }

  @Test
  void aPageFaultAfterAnAccessIsExact() {
    // mov eax, [rsi]; inc ebx; mov [rdi], eax; hlt -- RDI isn't mapped
    try (InterruptedGuest guest = guest("8b06 ffc3 8907 f4")) {
      guest.counter(14);
      // add rsp, 8; add qword [rsp], 2; iretq
      guest.handler(14, "4883c408 4883042402 48cf");
      guest.guest.set(Register.RBX, 0);
      guest.guest.set(Register.RDI, GuestProgram.UNMAPPED);
      runToTheEnd(guest);
      assertThat(device.accesses).containsExactly("r0/4");
      assertThat(guest.guest.get(Register.RBX)).isEqualTo(1);
    }
  }

  @Test
  void aStepOverAnAccessMakesItOnce() {
    try (InterruptedGuest guest = guest("8906 8b06 f4")) {
      guest.guest.machine.debugTarget().attach(guest.guest);
      guest.guest.machine.debugTarget().resume(ResumeKind.STEP);
      guest.guest.nextStop();
      assertThat(device.accesses).hasSize(1);
      guest.guest.machine.debugTarget().resume(ResumeKind.STEP);
      guest.guest.nextStop();
      assertThat(device.accesses).hasSize(2);
    }
  }
}
