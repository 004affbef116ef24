package dev.kmemu.vm.kern;

import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import org.jspecify.annotations.Nullable;

/**
 * {@code panic}: the kernel found its own state broken, or an access that it can't serve. Failed
 * assertions of an INVARIANTS kernel are panics too. It knows the thread that was running, with the
 * tokens that it held at the time.
 */
public final class KernelPanic extends RuntimeException {
  private static final long serialVersionUID = 1L;

  private final String text;
  private final String context;
  private final @Nullable String map;
  private final @Nullable Long address;
  private final String thread;
  private final String[] tokens;
  private final @Nullable String wmesg;

  /** Creates a panic whose upstream text says all there is to say. */
  public KernelPanic(String text) {
    this(text, "", null, null);
  }

  /**
   * Creates a panic.
   *
   * @param text upstream's text
   * @param context what upstream doesn't say: the names and values involved
   */
  public KernelPanic(String text, String context) {
    this(text, context, null, null);
  }

  private KernelPanic(String text, String context, @Nullable String map, @Nullable Long address) {
    super(text + suffix(context, map, address));
    LwktThread td = LwktThread.current();
    this.text = text;
    this.context = context;
    this.map = map;
    this.address = address;
    this.thread = td.name();
    this.tokens = td.tokensHeld().stream().map(Token::toString).toArray(String[]::new);
    this.wmesg = td.wmesg();
  }

  private static String suffix(String context, @Nullable String map, @Nullable Long address) {
    StringBuilder suffix = new StringBuilder(context);
    if (map != null) {
      suffix.append(suffix.isEmpty() ? "" : ", ").append("map ").append(map);
    }
    if (address != null) {
      suffix.append(suffix.isEmpty() ? "" : ", ").append(hex(address));
    }
    return suffix.isEmpty() ? "" : " (" + suffix + ")";
  }

  /**
   * Returns a panic about an address of a map.
   *
   * @param text upstream's text
   * @param map the map, by whose name it is reported
   * @param context what else there is to say, or an empty text
   */
  public static KernelPanic at(String text, Object map, long address, String context) {
    return new KernelPanic(text, context, map.toString(), address);
  }

  /** Returns a panic about a map as a whole. */
  public static KernelPanic in(String text, Object map, String context) {
    return new KernelPanic(text, context, map.toString(), null);
  }

  /** Returns a panic about an address, whatever map it belongs to. */
  public static KernelPanic at(String text, long address) {
    return new KernelPanic(text, "", null, address);
  }

  /** Returns the panic of a failed {@code KKASSERT}. */
  public static KernelPanic assertion(String expression, String function) {
    return new KernelPanic("assertion: " + expression + " in " + function);
  }

  /** Returns upstream's text, without the context. */
  public String text() {
    return text;
  }

  /** Returns the names and values involved, or an empty text. */
  public String context() {
    return context;
  }

  /** Returns the name of the map that the panic is about. */
  public Optional<String> map() {
    return Optional.ofNullable(map);
  }

  /** Returns the virtual address that the panic is about. */
  public OptionalLong address() {
    return address == null ? OptionalLong.empty() : OptionalLong.of(address);
  }

  /** Returns the name of the thread that panicked. */
  public String thread() {
    return thread;
  }

  /** Returns the names of the tokens that the thread held when it panicked. */
  public List<String> tokensHeld() {
    return List.of(tokens);
  }

  /** Returns what the thread was waiting for; a thread can panic while it goes to sleep. */
  public Optional<String> wmesg() {
    return Optional.ofNullable(wmesg);
  }

  /** Returns the text, the context, the map and the address: one line. */
  public String report() {
    return text + suffix(context, map, address);
  }

  /** Returns all that is known, one fact on each line. */
  public String details() {
    StringBuilder lines = new StringBuilder("panic: ").append(text).append('\n');
    line(lines, "context", context);
    line(lines, "map", map);
    line(lines, "address", address == null ? null : hex(address));
    line(lines, "thread", thread);
    line(lines, "tokens held", tokens.length == 0 ? "none" : String.join(", ", tokens));
    line(lines, "wmesg", wmesg);
    return lines.toString();
  }

  private static void line(StringBuilder lines, String name, @Nullable String value) {
    if (value != null && !value.isEmpty()) {
      lines.append("  ").append(name).append(": ").append(value).append('\n');
    }
  }

  private static String hex(long address) {
    return "0x" + Long.toHexString(address);
  }
}
