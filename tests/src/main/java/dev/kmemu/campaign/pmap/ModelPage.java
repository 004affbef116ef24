package dev.kmemu.campaign.pmap;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/** A page as the model has it. */
final class ModelPage {

  /** Words of a page that are loaded and stored. */
  static final int WORDS = 4;

  /** The most references that {@code pmap_ts_referenced} counts. */
  private static final int MOST_REFERENCES = 5;

  final int number;
  final long frame;

  /** Whether mappings by {@code pmap_enter} have PV entries. */
  final boolean managed;

  /** Managed mappings, in the order in which {@code pmap_ts_referenced} looks at them. */
  final List<ModelMapping> mappings = new ArrayList<>();

  final long[] words = new long[WORDS];
  boolean dirty;
  boolean referenced;
  boolean writeable;

  ModelPage(int number, long frame, boolean managed) {
    this.number = number;
    this.frame = frame;
    this.managed = managed;
  }

  /** Carries A and M of a mapping over. */
  void harvest(ModelMapping mapping) {
    dirty |= mapping.modified;
    referenced |= mapping.accessed;
  }

  void remove(ModelMapping mapping) {
    harvest(mapping);
    mappings.remove(mapping);
    if (mappings.isEmpty()) {
      writeable = false;
    }
  }

  boolean isModified() {
    for (int i = 0; i < mappings.size(); i++) {
      if (mappings.get(i).modified) {
        return true;
      }
    }
    return false;
  }

  void withdrawWrite() {
    for (ModelMapping mapping : mappings) {
      dirty |= mapping.modified;
      mapping.writable = false;
      mapping.modified = false;
    }
    writeable = false;
  }

  void clearModify() {
    mappings.forEach(mapping -> mapping.modified = false);
  }

  void clearReference() {
    mappings.forEach(mapping -> mapping.accessed = false);
  }

  /** {@code pmap_ts_referenced}: what was looked at goes to the end. */
  int takeReferences() {
    int references = 0;
    for (int left = mappings.size(); left > 0 && references < MOST_REFERENCES; left--) {
      ModelMapping first = mappings.remove(0);
      mappings.add(first);
      references += first.accessed ? 1 : 0;
      first.accessed = false;
    }
    return references;
  }

  void zero() {
    Arrays.fill(words, 0);
  }

  @Override
  public String toString() {
    return "p" + number;
  }
}
