package dev.kmemu.emulator.fault;

import java.util.Arrays;
import java.util.stream.Collectors;

/**
 * A fault of a device: which, and at which of the occasions.
 *
 * @param device the device's name
 * @param kind what goes wrong
 * @param at the register, a port or an offset in memory, that is meant; {@link #ANYWHERE} for all
 * @param mask the bits that {@link FaultKind#FLIP_READ} and {@link FaultKind#SET_READ} change
 * @param skip how many occasions go well before
 * @param count how many go wrong then
 */
public record DeviceFault(
    String device, FaultKind kind, long at, long mask, long skip, long count) {

  /** Each register of the device. */
  public static final long ANYWHERE = -1;

  /** All occasions. */
  public static final long ALWAYS = Long.MAX_VALUE;

  private static final String FORM = "DEVICE:KIND[,at=N][,mask=N][,skip=N][,count=N]";

  /** Checks the numbers. */
  public DeviceFault {
    if (skip < 0) {
      throw new IllegalArgumentException(
          "skip=" + skip + " is refused: none can be skipped before (write 0 or more occasions)");
    }
    if (count < 1) {
      throw new IllegalArgumentException(
          "count=" + count + " is refused: a fault needs an occasion (write 1 or more)");
    }
  }

  /** A fault at each occasion, in all bits of all registers. */
  public static DeviceFault always(String device, FaultKind kind) {
    return new DeviceFault(device, kind, ANYWHERE, -1, 0, ALWAYS);
  }

  /** Returns the same for one register. */
  public DeviceFault at(long register) {
    return new DeviceFault(device, kind, register, mask, skip, count);
  }

  /** Returns the same for some bits. */
  public DeviceFault bits(long changed) {
    return new DeviceFault(device, kind, at, changed, skip, count);
  }

  /** Returns the same for {@code many} occasions, behind {@code before} that go well. */
  public DeviceFault times(long before, long many) {
    return new DeviceFault(device, kind, at, mask, before, many);
  }

  /**
   * Parses {@code DEVICE:KIND[,at=N][,mask=N][,skip=N][,count=N]}; numbers may be in hex with 0x.
   *
   * @throws IllegalArgumentException when it isn't one, with what is expected
   */
  public static DeviceFault parse(String text) {
    String[] items = text.split(",", -1);
    int colon = items[0].indexOf(':');
    if (colon < 1) {
      throw new IllegalArgumentException("'" + text + "' isn't " + FORM);
    }
    DeviceFault fault = always(items[0].substring(0, colon), kind(items[0].substring(colon + 1)));
    for (String item : Arrays.asList(items).subList(1, items.length)) {
      int equals = item.indexOf('=');
      String name = equals < 0 ? item : item.substring(0, equals);
      long value = number(item.substring(equals + 1), item);
      fault =
          switch (name) {
            case "at" -> fault.at(value);
            case "mask" -> fault.bits(value);
            case "skip" -> fault.times(value, fault.count);
            case "count" -> fault.times(fault.skip, value);
            default ->
                throw new IllegalArgumentException("'" + item + "' is unknown: a fault is " + FORM);
          };
    }
    return fault;
  }

  /** Returns what {@link #parse} reads. */
  public String text() {
    return device
        + ":"
        + kind.id()
        + (at == ANYWHERE ? "" : String.format(",at=0x%x", at))
        + (mask == -1 ? "" : ",mask=" + mask)
        + (skip == 0 ? "" : ",skip=" + skip)
        + (count == ALWAYS ? "" : ",count=" + count);
  }

  private static FaultKind kind(String name) {
    for (FaultKind kind : FaultKind.values()) {
      if (kind.id().equals(name)) {
        return kind;
      }
    }
    String names =
        Arrays.stream(FaultKind.values()).map(FaultKind::id).collect(Collectors.joining(", "));
    throw new IllegalArgumentException(
        "there is no kind of fault '" + name + "' (there are " + names + ")");
  }

  private static long number(String text, String item) {
    try {
      return Long.decode(text);
    } catch (NumberFormatException e) {
      throw new IllegalArgumentException("'" + item + "' has no number, such as 3 or 0x3fd", e);
    }
  }
}
