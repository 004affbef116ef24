package dev.kmemu.campaign;

import dev.kmemu.campaign.gdb.GdbSuite;
import dev.kmemu.campaign.image.ImageSuite;
import dev.kmemu.campaign.map.MapSuite;
import dev.kmemu.campaign.pmap.PmapSuite;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;

/** The suites there are. */
public final class Suites {

  private static final List<Suite> ALL =
      List.of(new PmapSuite(), MapSuite.map(), MapSuite.faults(), new GdbSuite(), new ImageSuite());

  private Suites() {}

  /** Returns all of them. */
  public static List<Suite> all() {
    return ALL;
  }

  /** Returns the suite of a name. */
  public static Optional<Suite> find(String name) {
    return ALL.stream().filter(suite -> suite.name().equals(name)).findFirst();
  }

  /** Returns the names, for a message. */
  public static String names() {
    return ALL.stream().map(Suite::name).collect(Collectors.joining(", "));
  }
}
