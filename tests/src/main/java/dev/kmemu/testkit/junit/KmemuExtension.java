package dev.kmemu.testkit.junit;

import dev.kmemu.emulator.snapshot.SnapshotException;
import dev.kmemu.vm.check.Violation;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.extension.AfterEachCallback;
import org.junit.jupiter.api.extension.ExtensionContext;
import org.junit.jupiter.api.extension.LifecycleMethodExecutionExceptionHandler;
import org.junit.jupiter.api.extension.ParameterContext;
import org.junit.jupiter.api.extension.ParameterResolutionException;
import org.junit.jupiter.api.extension.ParameterResolver;
import org.junit.jupiter.api.extension.TestExecutionExceptionHandler;
import org.opentest4j.TestAbortedException;

/**
 * Gives tests a machine with a kernel VM, as new for each of them; {@link KmemuTest} registers it.
 *
 * <p>Test methods, {@code @BeforeEach}, {@code @AfterEach} and constructors may have parameters of
 * these types, all of the same machine: {@code KernelVm}; {@code GuestCpu}, at CPL 0; {@code Pmap},
 * the kernel's; {@code Gdb}, attached; {@code Kmem}; {@code VmMap}, the kernel's; {@code Machine};
 * {@code TestMachine}.
 *
 * <p>After the test and its {@code @AfterEach} methods the invariants of the VM are checked. A test
 * that fails has a {@link KmemuReport} as a suppressed exception.
 */
public final class KmemuExtension
    implements ParameterResolver,
        AfterEachCallback,
        TestExecutionExceptionHandler,
        LifecycleMethodExecutionExceptionHandler {

  private static final ExtensionContext.Namespace NAMESPACE =
      ExtensionContext.Namespace.create(KmemuExtension.class);

  /** Creates it; JUnit does. */
  public KmemuExtension() {}

  @Override
  public ExtensionContextScope getTestInstantiationExtensionContextScope(ExtensionContext root) {
    return ExtensionContextScope.TEST_METHOD;
  }

  @Override
  public boolean supportsParameter(ParameterContext parameter, ExtensionContext context) {
    Class<?> type = parameter.getParameter().getType();
    return Injectables.has(type) || Injectables.isOurs(type);
  }

  @Override
  public Object resolveParameter(ParameterContext parameter, ExtensionContext context) {
    Class<?> type = parameter.getParameter().getType();
    if (!Injectables.has(type)) {
      throw new ParameterResolutionException(
          String.format(
              "a test can't have a parameter of type %s; there are %s: get the rest from these",
              type.getSimpleName(), Injectables.list()));
    }
    if (context.getTestMethod().isEmpty()) {
      throw new ParameterResolutionException(
          String.format(
              "%s %s belongs to one test: take it as a parameter of the test method or of"
                  + " @BeforeEach, not of @BeforeAll or the constructor of a class whose one"
                  + " instance serves all tests",
              type.getSimpleName(), parameter.getParameter().getName()));
    }
    return Injectables.get(type, lease(context));
  }

  private static MachineLease lease(ExtensionContext context) {
    MachinePool pool =
        context
            .getRoot()
            .getStore(NAMESPACE)
            .getOrComputeIfAbsent(MachinePool.class, key -> new MachinePool(), MachinePool.class);
    return context
        .getStore(NAMESPACE)
        .getOrComputeIfAbsent(
            MachineLease.class,
            key -> new MachineLease(pool, TestSettings.of(context)),
            MachineLease.class);
  }

  private static Optional<MachineLease> current(ExtensionContext context) {
    return Optional.ofNullable(
        context.getStore(NAMESPACE).get(MachineLease.class, MachineLease.class));
  }

  @Override
  public void afterEach(ExtensionContext context) {
    Optional<MachineLease> lease = current(context);
    if (lease.isPresent()) {
      try {
        check(context, lease.get());
      } finally {
        lease.get().end();
      }
    }
  }

  private static void check(ExtensionContext context, MachineLease lease) {
    @Nullable String problem;
    try {
      List<Violation> violations = lease.violations();
      problem = violations.isEmpty() ? null : KmemuReport.text(violations);
    } catch (SnapshotException e) {
      problem = "the test has ended, but " + e.getMessage();
    }
    if (problem == null) {
      return;
    }
    AssertionError error = new AssertionError(problem);
    Optional<Throwable> failure = context.getExecutionException();
    if (failure.isPresent()) {
      failure.get().addSuppressed(error);
      return;
    }
    report(context, lease, error);
    throw error;
  }

  @Override
  public void handleTestExecutionException(ExtensionContext context, Throwable failure)
      throws Throwable {
    throw withReport(context, failure);
  }

  @Override
  public void handleBeforeEachMethodExecutionException(ExtensionContext context, Throwable failure)
      throws Throwable {
    throw withReport(context, failure);
  }

  @Override
  public void handleAfterEachMethodExecutionException(ExtensionContext context, Throwable failure)
      throws Throwable {
    throw withReport(context, failure);
  }

  private static Throwable withReport(ExtensionContext context, Throwable failure) {
    if (failure instanceof TestAbortedException) {
      return failure;
    }
    String message = failure.getMessage();
    if (failure instanceof ParameterResolutionException
        && message != null
        && message.startsWith("No ParameterResolver registered")) {
      return new ParameterResolutionException(
          message + "\n@KmemuTest has parameters of these types: " + Injectables.list(), failure);
    }
    current(context).ifPresent(lease -> report(context, lease, failure));
    return failure;
  }

  /** Adds the report to a failure, or publishes it when the failure takes none. */
  private static void report(ExtensionContext context, MachineLease lease, Throwable failure) {
    KmemuReport report;
    try {
      report = KmemuReport.of(context, lease);
    } catch (RuntimeException e) {
      failure.addSuppressed(e);
      return;
    }
    failure.addSuppressed(report);
    if (failure.getSuppressed().length == 0) {
      context.publishReportEntry(Map.of("kmemu", String.valueOf(report.getMessage())));
    }
  }
}
