package dev.kmemu.vm.kern;

import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * Takes the values of a snapshot from the kernel's objects, or gives them back: a class hands each
 * of its fields over and stores what it gets in return, so that the same lines do both and neither
 * can forget a field.
 */
public final class StateExchange {

  private final boolean saving;
  private long[] values;
  private int at;

  private StateExchange(boolean saving, long[] values) {
    this.saving = saving;
    this.values = values;
  }

  /** Returns an exchange that keeps what it is given. */
  public static StateExchange saving() {
    return new StateExchange(true, new long[256]);
  }

  /** Returns an exchange that gives {@code values} back, one after the other. */
  public static StateExchange restoring(long[] values) {
    return new StateExchange(false, values);
  }

  /** Whether values are being kept. */
  public boolean isSaving() {
    return saving;
  }

  /** Returns what was kept. */
  public long[] values() {
    return Arrays.copyOf(values, at);
  }

  /** Exchanges a value. */
  public long exchange(long value) {
    if (saving) {
      if (at == values.length) {
        values = Arrays.copyOf(values, 2 * at);
      }
      values[at] = value;
    }
    return values[at++];
  }

  /** Exchanges a value. */
  public int exchange(int value) {
    return (int) exchange((long) value);
  }

  /** Exchanges a value. */
  public boolean exchange(boolean value) {
    return exchange(value ? 1L : 0) != 0;
  }

  /** Exchanges a constant of an enumeration. */
  @SuppressWarnings("EnumOrdinal") // the order is a part of the format
  public <E extends Enum<E>> E exchange(E value, E[] constants) {
    return constants[exchange(value.ordinal())];
  }

  /** Exchanges a reference for the object of the same number. */
  public <T, N extends T> @Nullable T exchange(@Nullable T object, Numbering<N> numbers) {
    return numbers.find(exchange(saving ? numbers.of(object) : 0));
  }

  /** Exchanges all elements of an array. */
  public void exchange(long[] array) {
    for (int i = 0; i < array.length; i++) {
      array[i] = exchange(array[i]);
    }
  }
}
