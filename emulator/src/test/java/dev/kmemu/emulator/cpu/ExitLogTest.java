package dev.kmemu.emulator.cpu;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class ExitLogTest {

  private final ExitLog log = new ExitLog();

  @Test
  void theLastExitsComeOldestFirst() {
    assertThat(log.last()).isEmpty();
    for (int i = 0; i < ExitLog.ROOM + 5; i++) {
      log.add(ExitKind.PORT, i, ExitLog.NOWHERE);
    }
    assertThat(log.last())
        .hasSize(ExitLog.ROOM)
        .startsWith(new ExitLog.Exit(ExitKind.PORT, 5, ExitLog.NOWHERE))
        .endsWith(new ExitLog.Exit(ExitKind.PORT, ExitLog.ROOM + 4, ExitLog.NOWHERE));
  }

  @Test
  void anExitSaysWhyAndWhere() {
    assertThat(new ExitLog.Exit(ExitKind.PORT, 0x3F8, ExitLog.NOWHERE)).hasToString("port 0x3f8");
    assertThat(new ExitLog.Exit(ExitKind.EXCEPTION, 13, 0x1000))
        .hasToString("exception 13 at 0x0000000000001000");
  }
}
