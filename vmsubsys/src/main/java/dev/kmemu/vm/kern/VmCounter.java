package dev.kmemu.vm.kern;

/** The counters of {@code struct vmstats} and {@code struct vmmeter}, in the order of reports. */
public enum VmCounter {
  PAGE_COUNT("v_page_count"),
  FREE_COUNT("v_free_count"),
  ACTIVE_COUNT("v_active_count"),
  INACTIVE_COUNT("v_inactive_count"),
  CACHE_COUNT("v_cache_count"),
  WIRE_COUNT("v_wire_count"),
  ZERO_COUNT("vm_page_zero_count"),
  FREE_RESERVED("v_free_reserved"),
  FREE_MIN("v_free_min"),
  FREE_TARGET("v_free_target"),
  FREE_SEVERE("v_free_severe"),
  PAGEOUT_FREE_MIN("v_pageout_free_min"),
  INTERRUPT_FREE_MIN("v_interrupt_free_min"),
  CACHE_MIN("v_cache_min"),
  CACHE_MAX("v_cache_max"),
  INACTIVE_TARGET("v_inactive_target"),
  PAGEOUT_DEFICIT("vm_pageout_deficit"),
  VM_FAULTS("v_vm_faults"),
  ZFOD("v_zfod"),
  OZFOD("v_ozfod"),
  COW_FAULTS("v_cow_faults"),
  COW_OPTIM("v_cow_optim"),
  INTRANS("v_intrans"),
  INTRANS_COLL("v_intrans_coll"),
  INTRANS_WAIT("v_intrans_wait"),
  SWAPIN("v_swapin"),
  SWAPOUT("v_swapout"),
  REACTIVATED("v_reactivated"),
  PDWAKEUPS("v_pdwakeups"),
  PDPAGES("v_pdpages"),
  DFREE("v_dfree"),
  TFREE("v_tfree");

  private final String upstreamName;

  VmCounter(String upstreamName) {
    this.upstreamName = upstreamName;
  }

  /** Returns the name of upstream's field. */
  public String upstreamName() {
    return upstreamName;
  }
}
