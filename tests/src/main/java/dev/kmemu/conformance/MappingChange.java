package dev.kmemu.conformance;

import static dev.kmemu.conformance.GuestView.FAULT;
import static dev.kmemu.conformance.TestedKernel.PAGE;
import static dev.kmemu.conformance.TestedKernel.RW;
import static org.assertj.core.api.Assertions.assertThat;

import dev.kmemu.vm.kern.VmProt;

/** What changes a mapping, so that a CPU whose TLB has the old translation must see it. */
enum MappingChange {
  PAGE_REMOVED(
      "pmap_remove of one page",
      Sight.NO_LOAD,
      (k, at) -> at.pmap().remove(at.va(), at.va() + PAGE)),

  RANGE_REMOVED(
      "pmap_remove of a range", Sight.NO_LOAD, (k, at) -> at.pmap().remove(at.start(), at.end())),

  PAGES_REMOVED(
      "pmap_remove_pages", Sight.NO_LOAD, (k, at) -> at.pmap().removePages(at.start(), at.end())),

  PROTECTED_FROM_READING(
      "pmap_protect with NONE",
      Sight.NO_LOAD,
      (k, at) -> at.pmap().protect(at.start(), at.end(), VmProt.NONE)),

  PAGE_PROTECTED(
      "pmap_protect of one page",
      Sight.NO_STORE,
      (k, at) -> at.pmap().protect(at.va(), at.va() + PAGE, VmProt.READ)),

  RANGE_PROTECTED(
      "pmap_protect of a range",
      Sight.NO_STORE,
      (k, at) -> at.pmap().protect(at.start(), at.end(), VmProt.READ)),

  ENTERED_READ_ONLY(
      "pmap_enter without WRITE",
      Sight.NO_STORE,
      (k, at) -> at.pmap().enter(at.va(), at.page(), VmProt.READ, false)),

  OTHER_ENTERED(
      "pmap_enter of another page",
      Sight.OTHER_PAGE,
      (k, at) -> at.pmap().enter(at.va(), at.other(), RW, false)),

  OTHER_ENTERED_ANEW(
      "pmap_remove and pmap_enter",
      Sight.OTHER_PAGE,
      (k, at) -> {
        at.pmap().remove(at.start(), at.end());
        at.pmap().enter(at.va(), at.other(), RW, false);
      }),

  PROTECTED_EVERYWHERE(
      "pmap_page_protect with READ",
      Sight.NO_STORE,
      (k, at) -> k.pageProtect(at.page(), VmProt.READ)),

  UNMAPPED_EVERYWHERE(
      "pmap_page_protect with NONE",
      Sight.NO_LOAD,
      (k, at) -> k.pageProtect(at.page(), VmProt.NONE)),

  STRIPPED(
      "the flush after a strip",
      Sight.NO_LOAD,
      (k, at) ->
          k.hold(
              () -> {
                k.kernelPmap().mappings().strip(at.page());
                k.kernelPmap().mappings().flush();
              }));

  /** What a guest sees of the page then. */
  private enum Sight {
    NO_LOAD,
    NO_STORE,
    OTHER_PAGE
  }

  @FunctionalInterface
  private interface Change {
    void apply(TestedKernel kernel, Mapped at);
  }

  private final String routine;
  private final Sight sight;

  @SuppressWarnings("ImmutableEnumChecker") // it holds nothing
  private final Change change;

  MappingChange(String routine, Sight sight, Change change) {
    this.routine = routine;
    this.sight = sight;
    this.change = change;
  }

  /**
   * Has {@code guest} use the page, changes its mapping and has it used again.
   *
   * @param ring the privilege level of the guest
   */
  void requireSeen(TestedKernel kernel, GuestView guest, int ring, Mapped at) {
    Runnable now = () -> change.apply(kernel, at);
    boolean stores = sight == Sight.NO_STORE;
    assertThat(stores ? guest.storeAgainAfter(at.va(), 1, now) : guest.loadAgainAfter(at.va(), now))
        .as(
            "a %s at CPL %d that is repeated after %s (TLB not flushed?)",
            stores ? "store" : "load", ring, routine)
        .isEqualTo(sight == Sight.OTHER_PAGE ? kernel.word(at.other()) : FAULT);
  }
}
