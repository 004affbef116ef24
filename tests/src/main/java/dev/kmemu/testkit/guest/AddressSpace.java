package dev.kmemu.testkit.guest;

import dev.kmemu.vm.map.VmMap;
import dev.kmemu.vm.pmap.Pmap;
import org.jspecify.annotations.Nullable;

/**
 * Where and as what a {@link GuestCpu} runs.
 *
 * @param pmap the page tables
 * @param userMap the map that faults on user addresses are looked up in, if there is one
 * @param cpl 0 or 3
 */
record AddressSpace(Pmap pmap, @Nullable VmMap userMap, int cpl) {

  boolean isRing3() {
    return cpl != 0;
  }
}
