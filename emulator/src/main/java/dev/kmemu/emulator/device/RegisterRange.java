package dev.kmemu.emulator.device;

/**
 * Registers of a device that lie side by side.
 *
 * @param unit what they are numbered by, for messages: {@code port} or {@code offset}
 * @param first the first one's number
 * @param last the last one's number, at least {@code first}
 */
public record RegisterRange(String unit, long first, long last) {

  /** Whether {@code register} is one of them. */
  public boolean contains(long register) {
    return register >= first && register <= last;
  }

  @Override
  public String toString() {
    return first == last
        ? String.format("%s 0x%x", unit, first)
        : String.format("%ss 0x%x to 0x%x", unit, first, last);
  }
}
