package dev.kmemu.testkit.guest;

import dev.kmemu.emulator.memory.PhysicalAddress;
import dev.kmemu.emulator.mmu.AccessOutcome;
import dev.kmemu.vm.fault.FaultOutcome;
import dev.kmemu.vm.pmap.KvaLayout;
import java.util.Optional;

/** What a test has probably forgotten, by what came of an access. */
public final class AccessHint {

  private AccessHint() {}

  /** Returns a sentence that says what to do, if there is one to say. */
  public static Optional<String> of(GuestCpu guest, GuestAccess access) {
    return access
        .fault()
        .map(fault -> ofFault(access, fault))
        .orElseGet(() -> ofMapping(guest, access));
  }

  private static Optional<String> ofFault(GuestAccess access, GuestFault fault) {
    if (!access.address().isCanonical()) {
      return Optional.of(
          "bits 63 to 47 of the address differ: no page table can map it, so take another one");
    }
    if (!fault.isPageFault()) {
      return Optional.empty();
    }
    boolean user = KvaLayout.isUser(fault.address().value());
    String why = fault.answer().text();
    if (why.equals(FaultOutcome.INVALID_ADDRESS.text())) {
      return Optional.of(
          user
              ? "nothing is mapped there: did the test forget UserMemory.mapAnonymous (or to insert"
                  + " an entry into the space's map)?"
              : "nothing is allocated there: did the test forget vm.kmem().alloc, or free it"
                  + " already?");
    }
    if (why.equals(FaultOutcome.NO_USER_MAP.text())) {
      return Optional.of(
          user
              ? "a user address, and no user map is current: use guest.user(space) or"
                  + " guest.kernel(space); on a pmap without a map, pmap.enter the page first"
              : "only kernel_map's addresses, from 0xffffffe000000000 on, are served by vm_fault:"
                  + " in the direct map and below it, the page tables must be there");
    }
    if (why.equals(FaultOutcome.USER_ACCESS.text())) {
      return Optional.of(
          "ring 3 has no access to kernel addresses: use guest itself, which is at CPL 0");
    }
    return Optional.empty();
  }

  private static Optional<String> ofMapping(GuestCpu guest, GuestAccess access) {
    if (guest.predict(access.kind(), access.address()) != AccessOutcome.Allowed.INSTANCE) {
      return Optional.of(
          "the page tables don't allow it any more: the CPU has used a translation that wasn't"
              + " flushed");
    }
    long physical = guest.translate(access.address());
    if (physical < 0 || guest.isRam(new PhysicalAddress(physical))) {
      return Optional.empty();
    }
    return Optional.of(
        String.format(
            "physical address 0x%x is outside guest RAM, which has %d MiB: loads there give all"
                + " ones and stores are lost; give the machine more (@Ram), or map a page that it"
                + " has",
            physical, guest.vm().ram().size() >> 20));
  }
}
