package dev.kmemu.walk;

import org.jspecify.annotations.Nullable;

/** Makes combinations. */
public interface EntrySource {

  /**
   * Returns the next combination for a slot, whose tables are where {@link WalkLayout} says, or
   * null when there is none left.
   */
  @Nullable Combination next(int slot);
}
