package dev.kmemu.gdb.rehearsal;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

class RehearsalTest {

  private static final long LOOP = 0x1000;

  private final EmptyMachine machine = new EmptyMachine();

  @Test
  @Timeout(value = 60, unit = TimeUnit.SECONDS, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
  void everySessionIsHeldToItsEnd() {
    assertThat(new Rehearsal(LOOP).hold(machine, new Rehearsal.Plan(1, 1, 1))).isEqualTo(3);
  }

  @Test
  @Timeout(value = 60, unit = TimeUnit.SECONDS, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
  void aSecondServerServesWhatTheFirstOneLeaves() {
    assertThat(new Rehearsal(LOOP).hold(machine, new Rehearsal.Plan(0, 51, 0))).isEqualTo(51);
    assertThat(machine.resumes()).as("no session but those of one packet").isZero();
  }

  @Test
  @Timeout(value = 60, unit = TimeUnit.SECONDS, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
  void theEndComesInTheMiddleOfASession() {
    Rehearsal rehearsal = new Rehearsal(LOOP);
    machine.onResume(rehearsal::end);
    assertThat(rehearsal.hold(machine, new Rehearsal.Plan(20, 30, 10))).isEqualTo(51);
    assertThat(machine.resumes()).isEqualTo(1);
    assertThat(machine.isKilled()).isTrue();
  }
}
