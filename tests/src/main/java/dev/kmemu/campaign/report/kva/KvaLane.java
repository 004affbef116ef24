package dev.kmemu.campaign.report.kva;

import java.util.List;

/**
 * Areas that don't overlap, in the order of their addresses.
 *
 * @param name what they belong to
 * @param areas the areas
 * @param more how many further ones were left out
 */
public record KvaLane(String name, List<KvaArea> areas, int more) {

  /** Copies the areas. */
  public KvaLane {
    areas = List.copyOf(areas);
  }
}
