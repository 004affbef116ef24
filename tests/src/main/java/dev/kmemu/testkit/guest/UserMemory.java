package dev.kmemu.testkit.guest;

import dev.kmemu.emulator.memory.VirtualAddress;
import dev.kmemu.vm.KernelVm;
import dev.kmemu.vm.kern.KernReturn;
import dev.kmemu.vm.kern.VmProt;
import dev.kmemu.vm.map.EntryReservation;
import dev.kmemu.vm.map.MapInsertion;
import dev.kmemu.vm.map.MapType;
import dev.kmemu.vm.map.VmMap;
import dev.kmemu.vm.map.VmSpace;

/** Memory of user address spaces, as {@code mmap} with {@code MAP_ANON | MAP_FIXED} makes it. */
public final class UserMemory {

  private UserMemory() {}

  /**
   * Maps anonymous memory, whose pages come when they are touched.
   *
   * @param start page aligned, as is {@code bytes}
   * @param prot bits of {@link VmProt}
   * @throws IllegalArgumentException when the range isn't free, or not of user addresses
   */
  public static void mapAnonymous(
      KernelVm vm, VmSpace space, VirtualAddress start, long bytes, int prot) {
    VmMap map = space.map();
    KernReturn result;
    try (EntryReservation reservation = vm.maps().reserve().reserve()) {
      map.lock();
      try {
        result =
            vm.maps()
                .insertion()
                .insert(
                    map,
                    reservation,
                    new MapInsertion.Mapping(null, 0, MapType.NORMAL, prot, VmProt.ALL, 0),
                    start.value(),
                    start.value() + bytes);
      } finally {
        map.unlock();
      }
    }
    if (result != KernReturn.SUCCESS) {
      throw new IllegalArgumentException(
          String.format(
              "can't map %d bytes at %s in %s: %s (is something there already?)",
              bytes, start, map.name(), result));
    }
  }
}
