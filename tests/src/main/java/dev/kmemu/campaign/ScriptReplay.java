package dev.kmemu.campaign;

import dev.kmemu.campaign.coverage.Coverage;
import java.util.List;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** Runs a script step by step and tells about it. */
public final class ScriptReplay {

  private final Stage stage;
  private final Consumer<String> listener;

  /** Creates it over a stage of the script's suite. */
  public ScriptReplay(Stage stage, Consumer<String> listener) {
    this.stage = stage;
    this.listener = listener;
  }

  /** Runs the script up to its failure, or to its end. */
  public ScriptRun run(Script script) {
    List<Step> steps = script.steps();
    stage.explainTo(line -> listener.accept("       " + line));
    ScriptRun result = ScriptRun.of(new Telling(stage, listener), steps, script.suite());
    stage.explainTo(null);
    Failure failure = result.failure();
    if (failure == null) {
      listener.accept("no difference in " + result.steps() + " steps and at the end");
      return result;
    }
    listener.accept(
        result.failedAt() < steps.size()
            ? "step " + (result.failedAt() + 1) + " fails: " + failure.kind()
            : "the end fails: " + failure.kind());
    listener.accept("  expected " + failure.expected());
    listener.accept("  got      " + failure.actual());
    failure.details().forEach(line -> listener.accept("  " + line));
    return result;
  }

  /** Names each step before it is done. */
  private static final class Telling implements Stage {
    private final Stage stage;
    private final Consumer<String> listener;
    private int number;

    Telling(Stage stage, Consumer<String> listener) {
      this.stage = stage;
      this.listener = listener;
    }

    @Override
    public void begin(Coverage coverage) {
      stage.begin(coverage);
    }

    @Override
    public @Nullable Failure apply(Step step) {
      listener.accept(String.format("%5d  %s", ++number, step));
      return stage.apply(step);
    }

    @Override
    public @Nullable Failure end() {
      return stage.end();
    }

    @Override
    public void explainTo(@Nullable Consumer<String> other) {
      stage.explainTo(other);
    }

    @Override
    public long checks() {
      return stage.checks();
    }

    @Override
    public void close() {
      stage.close();
    }
  }
}
