package dev.kmemu.campaign.report.kva;

import dev.kmemu.emulator.memory.VirtualAddress;
import java.util.ArrayList;
import java.util.List;

/** Collects areas in the order of their addresses, and joins those that go on alike. */
final class LaneBuilder {

  private static final int MOST = 1500;

  private final String name;
  private final List<KvaArea> areas = new ArrayList<>();
  private int more;

  LaneBuilder(String name) {
    this.name = name;
  }

  /** Adds an area of its own. */
  void add(KvaArea area) {
    if (areas.size() == MOST) {
      more++;
    } else {
      areas.add(area);
    }
  }

  /** Adds addresses to the area before, when they go on with it. */
  void extend(long start, long bytes, AreaKind kind) {
    int end = areas.size() - 1;
    KvaArea before = end < 0 ? null : areas.get(end);
    if (before != null
        && before.kind() == kind
        && before.start().value() + before.bytes() == start) {
      areas.set(end, new KvaArea(before.start(), before.bytes() + bytes, kind, before.what(), 0));
    } else {
      add(new KvaArea(new VirtualAddress(start), bytes, kind, "-", 0));
    }
  }

  KvaLane build() {
    return new KvaLane(name, areas, more);
  }
}
