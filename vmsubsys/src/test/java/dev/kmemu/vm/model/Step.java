package dev.kmemu.vm.model;

import net.jqwik.api.state.Transformer;

/** One operation, on the VM and on the model; the stage's log shows what came of it. */
abstract class Step implements Transformer<Stage> {

  @Override
  public final Stage apply(Stage stage) {
    String call = call(stage);
    stage.log(call + " -> failed");
    String outcome = run(stage);
    stage.amendLog(call + " -> " + outcome);
    return stage;
  }

  /** Returns the call as C would have it. */
  abstract String call(Stage stage);

  /** Does it, compares, and returns what came of it in words. */
  abstract String run(Stage stage);

  @Override
  public final String transformation() {
    return getClass().getSimpleName();
  }
}
