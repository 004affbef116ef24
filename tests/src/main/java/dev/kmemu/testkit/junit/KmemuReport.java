package dev.kmemu.testkit.junit;

import dev.kmemu.testkit.guest.FaultHistoryText;
import dev.kmemu.testkit.guest.GuestTrace;
import dev.kmemu.testkit.guest.KernelMapText;
import dev.kmemu.testkit.guest.TestMachine;
import dev.kmemu.vm.check.Violation;
import dev.kmemu.vm.fault.FaultHistory;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.extension.ExtensionContext;

/**
 * What the machine was like when a test failed, as a suppressed exception of the failure: consoles,
 * IDEs and reports show it below the failure's own stack trace, whatever the failure is.
 */
public final class KmemuReport extends RuntimeException {

  private static final long serialVersionUID = 1;

  private KmemuReport(String text) {
    super(text, null, false, false);
  }

  /** Describes the machine at the moment. */
  static KmemuReport of(ExtensionContext context, MachineLease lease) {
    TestMachine machine = lease.machine();
    StringBuilder text = new StringBuilder("the machine when the test failed\n\n");
    text.append("Machine: ").append(machine.configuration()).append("\n\n");
    section(text, "What the guest did last", lines(machine.trace().lines()));
    Optional<GuestTrace.Place> place = place(machine);
    place.ifPresent(
        at ->
            section(
                text,
                "Page walk of " + at.address() + " in " + at.pmap(),
                machine.walk(at.pmap(), at.address()).indent(3)));
    section(text, "Page faults, last ones", FaultHistoryText.of(machine.vm()));
    section(
        text,
        "Kernel map",
        KernelMapText.of(machine.vm(), place.map(GuestTrace.Place::address).orElse(null)));
    machine
        .vm()
        .panics()
        .first()
        .ifPresent(panic -> section(text, "Panic", panic.report().indent(3)));
    section(text, "To run this test alone", lines(Reproduction.commands(context)));
    return new KmemuReport(text.toString().stripTrailing());
  }

  /** Where the guest was last, else where it faulted last. */
  private static Optional<GuestTrace.Place> place(TestMachine machine) {
    List<FaultHistory.Fault> faults = machine.vm().trap().history().recent();
    return machine
        .trace()
        .lastPlace()
        .or(
            () ->
                faults.isEmpty()
                    ? Optional.empty()
                    : Optional.of(
                        GuestTrace.Place.of(
                            faults.get(faults.size() - 1).va(), machine.vm().currentPmap().get())));
  }

  /** Returns the text of broken invariants. */
  static String text(List<Violation> violations) {
    StringBuilder text =
        new StringBuilder("the test has left a kernel VM whose invariants are broken:\n");
    violations.forEach(violation -> text.append("  ").append(violation).append('\n'));
    return text.append("(@SkipInvariantCheck(\"why\") is for tests that do it on purpose)")
        .toString();
  }

  private static String lines(List<String> lines) {
    return lines.isEmpty() ? "   nothing\n" : "   " + String.join("\n   ", lines) + "\n";
  }

  private static void section(StringBuilder text, String title, String body) {
    text.append(title).append(":\n").append(body).append('\n');
  }
}
