package dev.kmemu.vm.page;

/** Bits of the request of {@code vm_page_alloc} and {@code vm_page_grab}. */
public final class AllocRequest {
  /** Free pages above {@code v_free_reserved}, else cache pages. */
  public static final int NORMAL = 0x01;

  /** Also the reserve, down to {@code v_interrupt_free_min}, once no page is cached. */
  public static final int SYSTEM = 0x02;

  /** All free pages. */
  public static final int INTERRUPT = 0x04;

  /** A zeroed page is preferred; whether one came shows in the page's flag. */
  public static final int ZERO = 0x08;

  /** As NORMAL, but cache pages aren't taken. */
  public static final int QUICK = 0x10;

  /** {@code vm_page_grab} only: wait until there is a page. */
  public static final int RETRY = 0x80;

  /** The classes, of which a request names at least one; they tell how low free pages may get. */
  static final int CLASSES = NORMAL | SYSTEM | INTERRUPT | QUICK;

  private AllocRequest() {}
}
