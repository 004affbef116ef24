package dev.kmemu.campaign;

import dev.kmemu.vm.pmap.PmapProvider;
import dev.kmemu.vm.pmap.PmapProviderLoader;

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

  /**
   * Makes the provider; the class is looked for by the calling thread's context class loader.
   *
   * @throws IllegalArgumentException when there is no such class, or it can't be made; says what to
   *     change
   */
  public PmapProvider provider() {
    return className.equals(STANDARD_NAME)
        ? PmapProvider.standard()
        : PmapProviderLoader.load(className);
  }
}
