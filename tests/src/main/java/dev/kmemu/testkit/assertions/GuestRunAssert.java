package dev.kmemu.testkit.assertions;

import dev.kmemu.emulator.cpu.Register;
import dev.kmemu.testkit.guest.GuestFault;
import dev.kmemu.testkit.guest.GuestRun;
import java.util.List;
import org.assertj.core.api.AbstractAssert;

/** Assertions on a program that has run. */
public final class GuestRunAssert extends AbstractAssert<GuestRunAssert, GuestRun> {

  GuestRunAssert(GuestRun run) {
    super(run, GuestRunAssert.class);
  }

  /** Verifies that it came to its HLT. */
  public GuestRunAssert completes() {
    if (!actual.isCompleted()) {
      throw fails("to come to its HLT");
    }
    return this;
  }

  /** Verifies that an exception ended it which nobody answered. */
  public GuestRunAssert faults(FaultPattern pattern) {
    if (actual.fault().filter(pattern::matches).isEmpty()) {
      throw fails("to end with " + pattern);
    }
    return this;
  }

  /** Verifies how many page faults the VM served. */
  public GuestRunAssert hasServedFaults(int count) {
    if (actual.served().size() != count) {
      throw fails("to raise " + count + " page faults that the VM serves");
    }
    return this;
  }

  /** Verifies a general register, RIP or RFLAGS at its end. */
  public GuestRunAssert hasRegister(Register register, long value) {
    if (actual.register(register) != value) {
      throw fails(
          String.format(
              "to leave 0x%x in %s, which is 0x%x", value, register, actual.register(register)));
    }
    return this;
  }

  private AssertionError fails(String expected) {
    StringBuilder text = new StringBuilder("\nExpecting the program at ");
    text.append(actual.origin()).append(' ').append(expected).append("\nbut it ");
    text.append(
        actual
            .fault()
            .map(fault -> "ended with " + fault + " at RIP " + fault.rip())
            .orElse("came to its HLT"));
    List<GuestFault> served = actual.served();
    text.append("\nafter ").append(served.size()).append(" faults that the VM served");
    served.forEach(fault -> text.append("\n  ").append(fault));
    return failure("%s", text.append('\n'));
  }
}
