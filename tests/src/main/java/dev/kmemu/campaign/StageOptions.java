package dev.kmemu.campaign;

import dev.kmemu.emulator.unicorn.Unicorn;

/**
 * What a stage is set up with.
 *
 * @param unicorn the engine
 * @param ramBytes guest RAM, in bytes
 * @param pmap the pmap under test
 */
public record StageOptions(Unicorn unicorn, long ramBytes, PmapChoice pmap) {

  /** RAM unless asked otherwise: little, because each script boots a kernel VM in it. */
  public static final long RAM_BYTES = 12L << 20;

  /** Returns the options of the standard pmap in the usual RAM. */
  public static StageOptions standard(Unicorn unicorn) {
    return new StageOptions(unicorn, RAM_BYTES, PmapChoice.STANDARD);
  }
}
