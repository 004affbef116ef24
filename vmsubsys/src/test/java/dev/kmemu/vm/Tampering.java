package dev.kmemu.vm;

import static org.assertj.core.api.Assertions.assertThat;

import dev.kmemu.vm.check.Violation;
import java.lang.reflect.Field;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Changes state behind the kernel's back, and reads what the invariant checker says of it. */
final class Tampering {

  private Tampering() {}

  /** Sets a field, however private. */
  static void set(Object target, String name, @Nullable Object value) {
    try {
      field(target, name).set(target, value);
    } catch (IllegalAccessException e) {
      throw new AssertionError(e);
    }
  }

  /** Returns a field's value, however private. */
  static Object get(Object target, String name) {
    try {
      return field(target, name).get(target);
    } catch (IllegalAccessException e) {
      throw new AssertionError(e);
    }
  }

  private static Field field(Object target, String name) {
    try {
      Field field = target.getClass().getDeclaredField(name);
      field.setAccessible(true);
      return field;
    } catch (NoSuchFieldException e) {
      throw new AssertionError(e);
    }
  }

  /** Expects a report that names the object and both views of it. */
  static void assertReports(
      KernelVm vm, String invariant, String object, String expected, String actual) {
    List<Violation> found = vm.check();
    assertThat(found)
        .anySatisfy(
            violation -> {
              assertThat(violation.invariant()).isEqualTo(invariant);
              assertThat(violation.object()).contains(object);
              assertThat(violation.expected()).contains(expected);
              assertThat(violation.actual()).contains(actual);
            });
  }
}
