package dev.kmemu.campaign.report.kva;

/** What an area of KVA is. */
public enum AreaKind {
  /** An entry of a map whose pages come and go. */
  PAGEABLE("pageable entry"),
  /** An entry of a map that is wired. */
  WIRED("wired entry"),
  /** An entry that stands for another map. */
  SUBMAP("submap"),
  /** An entry without an object: address space that is set aside. */
  RESERVED("entry without an object"),
  /** Pages that {@code pmap_enter} mapped, unwired. */
  MANAGED("managed mapping"),
  /** Pages that {@code pmap_enter} mapped, wired. */
  MANAGED_WIRED("wired managed mapping"),
  /** Pages without a PV entry, such as {@code pmap_kenter} maps. */
  UNMANAGED("unmanaged mapping"),
  /** A page of 2 MiB. */
  LARGE("2 MiB page"),
  /** What a page table with entries in it translates. */
  TABLE("page table"),
  /** What a page table without entries would translate. */
  EMPTY_TABLE("empty page table");

  private final String words;

  AreaKind(String words) {
    this.words = words;
  }

  /** Returns it in words. */
  public String words() {
    return words;
  }
}
