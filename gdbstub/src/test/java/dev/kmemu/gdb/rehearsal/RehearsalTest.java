package dev.kmemu.gdb.rehearsal;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

class RehearsalTest {

  private static final int SESSIONS = 3;

  @Test
  @Timeout(value = 60, unit = TimeUnit.SECONDS, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
  void everySessionIsHeldToItsEnd() {
    assertThat(new Rehearsal().hold(SESSIONS)).isEqualTo(SESSIONS);
  }
}
