package dev.kmemu.vm.page;

/** Bits of the request of {@code vm_page_alloc} and {@code vm_page_grab}. */
public final class AllocRequest {
  public static final int NORMAL = 0x01;
  public static final int SYSTEM = 0x02;
  public static final int INTERRUPT = 0x04;

  /** A zeroed page is preferred; whether one came shows in the page's flag. */
  public static final int ZERO = 0x08;

  public static final int QUICK = 0x10;

  /** {@code vm_page_grab} only: wait until there is a page. */
  public static final int RETRY = 0x80;

  private AllocRequest() {}
}
