package dev.kmemu.campaign;

import dev.kmemu.campaign.coverage.Coverage;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * What scripts run on: a machine and the model it is compared with. Used by the thread that opened
 * it, for one script after the other.
 *
 * <p>Every step can be done in every state: one that makes no sense there does nothing, so that a
 * failing script stays one whatever is left out of it.
 */
public interface Stage extends AutoCloseable {

  /**
   * Begins a script. Everything is as at the first time, whatever happened before.
   *
   * @param coverage receives what the script covers
   */
  void begin(Coverage coverage);

  /**
   * Does one step.
   *
   * @return what differs from the model, null when nothing does
   * @throws RuntimeException what the code under test threw, which is a failure too
   */
  @Nullable Failure apply(Step step);

  /** Ends a script: takes everything down and looks for what is left. */
  @Nullable Failure end();

  /** Sets who is told what each step expected and what came, null for nobody. */
  void explainTo(@Nullable Consumer<String> listener);

  /** Returns how many guest accesses and other single comparisons were made since it was opened. */
  long checks();

  @Override
  void close();
}
