package dev.kmemu.testkit.junit;

import static org.junit.platform.engine.discovery.DiscoverySelectors.selectClass;

import java.io.PrintStream;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.junit.platform.engine.TestExecutionResult;
import org.junit.platform.launcher.LauncherDiscoveryRequest;
import org.junit.platform.launcher.TestExecutionListener;
import org.junit.platform.launcher.TestIdentifier;
import org.junit.platform.launcher.core.LauncherDiscoveryRequestBuilder;
import org.junit.platform.launcher.core.LauncherFactory;

/** A run of a test class inside a test. */
final class InnerRun {

  private final Map<String, TestExecutionResult> results = new ConcurrentHashMap<>();

  private InnerRun() {}

  static InnerRun of(Class<?> tests) {
    return of(tests, Map.of());
  }

  static InnerRun of(Class<?> tests, Map<String, String> parameters) {
    LauncherDiscoveryRequest request =
        LauncherDiscoveryRequestBuilder.request()
            .selectors(selectClass(tests))
            .configurationParameters(parameters)
            .build();
    InnerRun run = new InnerRun();
    LauncherFactory.create()
        .execute(
            request,
            new TestExecutionListener() {
              @Override
              public void executionFinished(TestIdentifier test, TestExecutionResult result) {
                if (test.isTest() || result.getThrowable().isPresent()) {
                  run.results.put(test.getDisplayName(), result);
                }
              }
            });
    return run;
  }

  /** Runs a class in a JVM of its own and prints what fails. */
  public static void main(String[] arguments) throws ClassNotFoundException {
    PrintStream out = System.out;
    of(Class.forName(arguments[0]))
        .failures()
        .forEach((name, failure) -> failure.printStackTrace(out));
  }

  Map<String, TestExecutionResult> results() {
    return results;
  }

  /** Returns what failed, by display name. */
  Map<String, Throwable> failures() {
    Map<String, Throwable> failures = new LinkedHashMap<>();
    results.forEach(
        (name, result) -> result.getThrowable().ifPresent(failure -> failures.put(name, failure)));
    return failures;
  }

  /** Returns the one failure. */
  Throwable failure() {
    Map<String, Throwable> failures = failures();
    if (failures.size() != 1) {
      throw new AssertionError("one test was to fail: " + failures);
    }
    return failures.values().iterator().next();
  }
}
