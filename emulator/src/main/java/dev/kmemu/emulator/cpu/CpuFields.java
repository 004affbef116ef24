package dev.kmemu.emulator.cpu;

import java.util.Collections;
import java.util.NavigableMap;
import java.util.TreeMap;

/**
 * All that a CPU holds, by name: registers under the names of {@link Register}, and what has no
 * register's name under one with a dot in it. Independent of the engine's version. Immutable.
 *
 * @param fields little-endian values; not to be changed
 */
public record CpuFields(NavigableMap<String, byte[]> fields) {

  /** Takes the fields over in the order of their names. */
  public CpuFields {
    fields = Collections.unmodifiableNavigableMap(new TreeMap<>(fields));
  }
}
