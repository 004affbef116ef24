package dev.kmemu.gdb.session;

import dev.kmemu.emulator.debug.DebugTarget;
import dev.kmemu.gdb.target.StopReplies;
import dev.kmemu.gdb.wire.FrameLimits;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Set;

/**
 * What the stub says that it has. Nothing else is, and all of it is answered.
 *
 * @param features what the debugger offered
 * @param conditions whether the target has conditions at breakpoints
 * @param reverse whether the target runs backwards
 */
record Announcement(Set<String> features, boolean conditions, boolean reverse) {

  /** The feature by which a debugger reads {@code E.reason}. */
  static final String ERROR_MESSAGE = "error-message";

  /** The feature by which a debugger reads {@code N}. */
  static final String NO_RESUMED = "no-resumed";

  /** What both sides have only if both say so. */
  private static final List<String> MUTUAL =
      List.of(StopReplies.SWBREAK, StopReplies.HWBREAK, NO_RESUMED);

  /** Returns the announcement for {@code target} to a debugger that offered {@code features}. */
  static Announcement of(DebugTarget target, Set<String> features) {
    return new Announcement(
        features,
        target.conditionalBreakpoints().isPresent(),
        target.reverseExecution().isPresent());
  }

  /**
   * Whether {@code x} is announced, whose replies then begin with {@code b}. Debuggers that read
   * those read error texts too; others send {@code x} unasked and want no {@code b}.
   */
  boolean prefixesBinary() {
    return features.contains(ERROR_MESSAGE);
  }

  /** Returns the reply to {@code qSupported}. */
  String text(FrameLimits limits, Collection<String> objects) {
    List<String> offers = new ArrayList<>();
    offers.add("PacketSize=" + Integer.toHexString(limits.packetBytes()));
    offers.add("QStartNoAckMode+");
    offers.add("vContSupported+");
    offers.add("QThreadEvents+");
    offers.add("QNonStop+");
    for (String object : objects) {
      offers.add("qXfer:" + object + ":read+");
    }
    for (String feature : MUTUAL) {
      if (features.contains(feature)) {
        offers.add(feature + "+");
      }
    }
    if (prefixesBinary()) {
      offers.add("binary-upload+");
    }
    if (conditions) {
      offers.addAll(List.of("ConditionalBreakpoints+", "BreakpointCommands+"));
    }
    if (reverse) {
      offers.addAll(List.of("ReverseStep+", "ReverseContinue+"));
    }
    return String.join(";", offers);
  }
}
