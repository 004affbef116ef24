package dev.kmemu.campaign;

/**
 * Which pmap is under test.
 *
 * @param className the provider's class, {@link #STANDARD_NAME} for DragonFly's own
 */
public record PmapChoice(String className) {

  /** What scripts call DragonFly's own. */
  public static final String STANDARD_NAME = "standard";

  /** DragonFly's own. */
  public static final PmapChoice STANDARD = new PmapChoice(STANDARD_NAME);
}
