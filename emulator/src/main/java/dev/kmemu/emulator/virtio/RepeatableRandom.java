package dev.kmemu.emulator.virtio;

import dev.kmemu.emulator.device.DeviceState;
import java.util.random.RandomGenerator;

/**
 * Random numbers that are the same in each run, and go on where they were after a restore: for
 * machines whose runs repeat. Not for secrets. The generator is SplitMix64.
 */
public final class RepeatableRandom extends DeviceState implements RandomGenerator {

  private static final long GAMMA = 0x9E37_79B9_7F4A_7C15L;

  private long state;

  /** Begins the one sequence that there is. */
  public RepeatableRandom() {
    super("repeatable-random");
  }

  @Override
  public long nextLong() {
    state += GAMMA;
    long mixed = (state ^ state >>> 30) * 0xBF58_476D_1CE4_E5B9L;
    mixed = (mixed ^ mixed >>> 27) * 0x94D0_49BB_1331_11EBL;
    return mixed ^ mixed >>> 31;
  }

  @Override
  protected long[] save() {
    return new long[] {state};
  }

  @Override
  protected void restore(long[] values) {
    state = values[0];
  }
}
