package dev.kmemu.vm.page;

/** The pageout daemon's work, done by whoever waits for memory. */
public interface PageDaemon {

  /**
   * Makes pages free or cached until there are enough or none is left to take. Called under {@code
   * vm_token} with {@code TDF_SYSTHREAD} set, by one thread at a time.
   *
   * @return whether a busy or held page was in the way, so that another run may find more once such
   *     a page is let go
   */
  boolean run();
}
