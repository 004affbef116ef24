package dev.kmemu.gdb.session;

import dev.kmemu.gdb.target.StopReplies;
import dev.kmemu.gdb.wire.FrameLimits;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Set;

/** What the stub says that it has. Nothing else is, and all of it is answered. */
final class Announcement {

  /** The feature by which a debugger reads {@code E.reason}. */
  static final String ERROR_MESSAGE = "error-message";

  private Announcement() {}

  /** Returns the reply to {@code qSupported} for a debugger that offered {@code features}. */
  static String text(FrameLimits limits, Collection<String> objects, Set<String> features) {
    List<String> offers = new ArrayList<>();
    offers.add("PacketSize=" + Integer.toHexString(limits.packetBytes()));
    offers.add("QStartNoAckMode+");
    offers.add("vContSupported+");
    for (String object : objects) {
      offers.add("qXfer:" + object + ":read+");
    }
    for (String feature : List.of(StopReplies.SWBREAK, StopReplies.HWBREAK)) {
      if (features.contains(feature)) {
        offers.add(feature + "+");
      }
    }
    return String.join(";", offers);
  }
}
