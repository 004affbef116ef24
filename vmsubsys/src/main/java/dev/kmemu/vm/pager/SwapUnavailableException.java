package dev.kmemu.vm.pager;

import org.jspecify.annotations.Nullable;

/** A swap file can't be used; the message names it, the limit and what to do. */
public final class SwapUnavailableException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  /** Creates the exception. */
  SwapUnavailableException(String message, @Nullable Throwable cause) {
    super(message, cause);
  }
}
