package dev.kmemu.emulator.machine;

import static org.assertj.core.api.Assertions.assertThat;

import dev.kmemu.emulator.debug.ResumeKind;
import dev.kmemu.emulator.debug.StopReason;
import java.util.List;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.constraints.Size;

/** Whatever way a debugger takes through a history, it finds the same states in it. */
class ReversedMovesTest {

  private static final int LENGTH = 150;

  @Property(tries = 25)
  void everyMoveEndsInTheStateThatWasRecorded(
      @ForAll @IntRange(min = 7, max = 90) int tick,
      @ForAll @Size(min = 1, max = 60) List<@IntRange(min = -9, max = 5) Integer> moves) {
    try (ReversedProgram program = ReversedInterruptsTest.busy(tick, ReversedProgram.LIMITS)) {
      List<String> states = program.record(LENGTH);
      int at = LENGTH;
      for (int move : moves) {
        for (int i = 0; i < Math.abs(move); i++) {
          if (move > 0 && at < LENGTH) {
            assertThat(program.go(ResumeKind.STEP)).isEqualTo(new StopReason.Stepped());
            at++;
          } else if (move < 0 && at > 0) {
            assertThat(program.back(ResumeKind.STEP)).isEqualTo(new StopReason.Stepped());
            at--;
          } else if (move < 0) {
            assertThat(program.back(ResumeKind.STEP)).isEqualTo(new StopReason.HistoryEnded());
          }
        }
        assertThat(program.hash()).as("state %d of %d", at, LENGTH).isEqualTo(states.get(at));
      }
    }
  }
}
