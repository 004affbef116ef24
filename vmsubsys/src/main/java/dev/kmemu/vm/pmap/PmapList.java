package dev.kmemu.vm.pmap;

import java.util.ArrayList;
import java.util.List;

/**
 * {@code pmap_list}: all physical maps, {@code kernel_pmap} first. Use it under {@code vm_token}.
 */
public final class PmapList {

  private final List<Pmap> pmaps = new ArrayList<>();

  PmapList() {}

  /** Returns how many there are. */
  public int size() {
    return pmaps.size();
  }

  /** Returns a map by its place. */
  public Pmap get(int index) {
    return pmaps.get(index);
  }

  /** Returns {@code kernel_pmap}; not before the module is made. */
  public Pmap kernel() {
    return pmaps.get(0);
  }

  List<Pmap> users() {
    return List.copyOf(pmaps.subList(1, pmaps.size()));
  }

  boolean contains(Pmap pmap) {
    return pmaps.contains(pmap);
  }

  void add(Pmap pmap) {
    pmaps.add(pmap);
  }

  void remove(Pmap pmap) {
    pmaps.remove(pmap);
  }

  void clearUsers() {
    pmaps.subList(1, pmaps.size()).clear();
  }
}
