package dev.kmemu.vm.kern;

/**
 * {@code panic}: the kernel found its own state broken, or an access that it can't serve. Failed
 * assertions of an INVARIANTS kernel are panics too.
 */
public final class KernelPanic extends RuntimeException {
  private static final long serialVersionUID = 1L;

  private final String text;
  private final String report;

  /** Creates a panic whose upstream text says all there is to say. */
  public KernelPanic(String text) {
    super(text);
    this.text = text;
    this.report = text;
  }

  /**
   * Creates a panic.
   *
   * @param text upstream's text
   * @param context what upstream doesn't say: the names and values involved
   */
  public KernelPanic(String text, String context) {
    super(text + " (" + context + ")");
    this.text = text;
    this.report = text + " (" + context + ")";
  }

  /** Returns upstream's text, without the context. */
  public String text() {
    return text;
  }

  /** Returns the text and the context, one line. */
  public String report() {
    return report;
  }

  /** Returns the panic of a failed {@code KKASSERT}. */
  public static KernelPanic assertion(String expression, String function) {
    return new KernelPanic("assertion: " + expression + " in " + function);
  }
}
