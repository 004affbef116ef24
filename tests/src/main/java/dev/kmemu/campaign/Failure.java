package dev.kmemu.campaign;

import dev.kmemu.vm.kern.KernelPanic;
import java.util.Arrays;
import java.util.List;

/**
 * A difference between the code under test and the model.
 *
 * @param check what was compared, a short name such as {@code access} or {@code wired-count}
 * @param suspect the verb that last concerned what differs; failures of the same check and suspect
 *     are taken for the same bug
 * @param expected what the model says
 * @param actual what came
 * @param details what helps to understand it, such as the page walk; may be empty
 */
public record Failure(
    String check, String suspect, String expected, String actual, List<String> details) {

  private static final int TRACE = 6;

  /** Makes a failure without details. */
  public static Failure of(String check, String suspect, Object expected, Object actual) {
    return new Failure(check, suspect, String.valueOf(expected), String.valueOf(actual), List.of());
  }

  /** Returns the failure that an exception is; panics with the same text are the same check. */
  public static Failure thrown(String verb, Throwable thrown) {
    List<String> where =
        Arrays.stream(thrown.getStackTrace()).limit(TRACE).map(element -> "at " + element).toList();
    String check =
        thrown instanceof KernelPanic panic
            ? "panic: " + panic.text().replaceAll("0x[0-9a-f]+|\\d+", "N")
            : thrown.getClass().getSimpleName();
    return new Failure(check, verb, "no exception", String.valueOf(thrown.getMessage()), where);
  }

  /** Returns what failures of the same bug have in common. */
  public String kind() {
    return check + " after " + suspect;
  }

  @Override
  public String toString() {
    return check + ": expected " + expected + ", got " + actual;
  }
}
