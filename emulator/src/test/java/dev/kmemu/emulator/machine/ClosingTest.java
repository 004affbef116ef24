package dev.kmemu.emulator.machine;

import static dev.kmemu.emulator.machine.GuestProgram.CODE;
import static dev.kmemu.emulator.machine.GuestProgram.va;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.kmemu.emulator.cpu.Register;
import dev.kmemu.emulator.debug.ResumeKind;
import dev.kmemu.emulator.debug.StopReason;
import dev.kmemu.emulator.device.PortDevice;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(120)
class ClosingTest {

  private static final String FOREVER = "ebfe"; // self: jmp self

  private static void assertClosed(GuestProgram guest) {
    assertThatThrownBy(() -> guest.machine.onCpu(cpu -> cpu))
        .isInstanceOf(IllegalStateException.class)
        .hasMessage("the machine is closed");
    assertThatThrownBy(guest.machine::resume).isInstanceOf(IllegalStateException.class);
    assertThatThrownBy(() -> guest.load(0)).isInstanceOf(IllegalStateException.class);
    assertThatThrownBy(() -> guest.machine.debugTarget().readMemory(va(CODE), new byte[1], 0, 1))
        .isInstanceOf(IllegalStateException.class);
    assertThatCode(() -> guest.machine.tlb().invalidateAll()).doesNotThrowAnyException();
    assertThat(guest.machine.pause()).isEqualTo(new StopReason.Exited(0));
    guest.machine.debugTarget().interrupt();
    guest.close();
  }

  @Test
  void aPausedMachineIsKilled() {
    GuestProgram guest = new GuestProgram(FOREVER);
    guest.machine.debugTarget().attach(guest);
    guest.machine.debugTarget().kill();
    assertClosed(guest);
    assertThat(guest.stops).as("who kills needs no report").isEmpty();
  }

  @Test
  void aRunningMachineIsKilled() {
    GuestProgram guest = new GuestProgram(FOREVER);
    guest.machine.debugTarget().attach(guest);
    guest.machine.debugTarget().resume(ResumeKind.CONTINUE);
    guest.machine.debugTarget().kill();
    assertClosed(guest);
    assertThat(guest.stops).isEmpty();
  }

  @Test
  void aDebuggerThatWaitsForAStopHearsOfTheEnd() {
    GuestProgram guest = new GuestProgram(FOREVER);
    guest.machine.debugTarget().attach(guest);
    guest.machine.debugTarget().resume(ResumeKind.CONTINUE);
    guest.close();
    assertThat(guest.nextStop()).isEqualTo(new StopReason.Exited(0));
    assertThat(guest.stops).isEmpty();
  }

  @Test
  void aDebuggerThatWaitsForNothingHearsNothing() {
    GuestProgram guest = new GuestProgram(FOREVER);
    guest.machine.debugTarget().attach(guest);
    guest.close();
    assertThat(guest.stops).isEmpty();
  }

  @Test
  void aListenerMayCloseTheMachine() {
    GuestProgram guest = new GuestProgram("48ffc0 f4");
    guest.machine.debugTarget().attach(reason -> guest.machine.close());
    guest.machine.debugTarget().resume(ResumeKind.CONTINUE);
    guest.machine.closed().join();
    assertClosed(guest);
  }

  @Test
  void aDeviceMayCloseTheMachine() {
    GuestProgram guest = new GuestProgram("e680 ebfc"); // next: out 0x80, al; jmp next
    PortDevice closer =
        (port, size, value) -> {
          guest.machine.close();
          return true;
        };
    guest.machine.ports().attach(0x80, 1, closer);
    guest.machine.resume();
    guest.machine.closed().join();
    assertClosed(guest);
  }

  @Test
  void theCpusOwnThreadIsNotMadeToWaitForItself() {
    try (GuestProgram guest = new GuestProgram("e680 f4")) {
      CompletableFuture<Throwable> refused = new CompletableFuture<>();
      guest
          .machine
          .ports()
          .attach(
              0x80,
              1,
              (port, size, value) -> {
                try {
                  guest.machine.pause();
                } catch (IllegalStateException e) {
                  refused.complete(e);
                }
                return true;
              });
      guest.machine.resume();
      assertThat(refused.join()).hasMessageContaining("own thread");
    }
  }

  @Test
  void tasksThatRaceWithTheEndAreServedOrRefused() throws InterruptedException {
    for (int i = 0; i < 100; i++) {
      GuestProgram guest = new GuestProgram(FOREVER);
      guest.machine.resume();
      CompletableFuture<Throwable> end = new CompletableFuture<>();
      Thread poster =
          new Thread(
              () -> {
                try {
                  while (true) {
                    guest.machine.onCpu(cpu -> cpu.registers().read(Register.RIP));
                  }
                } catch (RuntimeException e) {
                  end.complete(e);
                }
              });
      poster.start();
      Thread other = new Thread(guest::close);
      other.start();
      guest.close();
      assertThat(guest.machine.closed()).isCompleted();
      assertThat(end.join())
          .isInstanceOf(IllegalStateException.class)
          .hasMessage("the machine is closed");
      poster.join();
      other.join();
    }
  }
}
