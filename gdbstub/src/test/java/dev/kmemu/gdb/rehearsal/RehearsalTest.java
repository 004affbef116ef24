package dev.kmemu.gdb.rehearsal;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

class RehearsalTest {

  private static final int SESSIONS = 3;
  private static final long LOOP = 0x1000;

  private final EmptyMachine machine = new EmptyMachine();

  @Test
  @Timeout(value = 60, unit = TimeUnit.SECONDS, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
  void everySessionIsHeldToItsEnd() {
    assertThat(new Rehearsal(LOOP).hold(machine, SESSIONS)).isEqualTo(SESSIONS);
  }

  @Test
  @Timeout(value = 60, unit = TimeUnit.SECONDS, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
  void theEndComesInTheMiddleOfASession() {
    Rehearsal rehearsal = new Rehearsal(LOOP);
    machine.onResume(rehearsal::end);
    assertThat(rehearsal.hold(machine, 100)).isEqualTo(51);
    assertThat(machine.resumes()).isEqualTo(1);
    assertThat(machine.isKilled()).isTrue();
  }
}
