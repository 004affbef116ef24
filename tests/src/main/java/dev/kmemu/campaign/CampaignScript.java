package dev.kmemu.campaign;

import dev.kmemu.emulator.unicorn.UnicornLoader;
import java.util.function.Consumer;

/**
 * A script in a test: {@code CampaignScript.parse(text).run()} fails as the campaign did, until the
 * bug is gone.
 */
public final class CampaignScript {

  private final Script script;

  private CampaignScript(Script script) {
    this.script = script;
  }

  /**
   * Reads a script.
   *
   * @throws ScriptException naming the line, what is wrong, and the way out
   */
  public static CampaignScript parse(String text) {
    return new CampaignScript(ScriptText.parse(text));
  }

  /** Wraps a script. */
  public static CampaignScript of(Script script) {
    return new CampaignScript(script);
  }

  /** Returns this script for another pmap: a class that implements the provider. */
  public CampaignScript withPmap(Class<?> provider) {
    return new CampaignScript(script.withPmap(new PmapChoice(provider.getName())));
  }

  /**
   * Runs it on a machine of its own.
   *
   * @throws AssertionError when something differs from the model
   */
  public void run() {
    StringBuilder told = new StringBuilder();
    ScriptRun result = explain(line -> told.append(line).append('\n'));
    Failure failure = result.failure();
    if (failure != null) {
      throw new AssertionError(failure + "\n" + told);
    }
  }

  /** Runs it on a machine of its own, and tells what each step expected and what came. */
  public ScriptRun explain(Consumer<String> listener) {
    StageOptions options = new StageOptions(UnicornLoader.load(), script.ramBytes(), script.pmap());
    try (Stage stage = script.suite().open(options)) {
      return new ScriptReplay(stage, listener).run(script);
    }
  }
}
