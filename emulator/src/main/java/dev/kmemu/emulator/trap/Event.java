package dev.kmemu.emulator.trap;

import dev.kmemu.emulator.cpu.TrapFrame;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * What is to be delivered, and what the attempt met. One object serves all events of a CPU, because
 * delivery allocates nothing.
 */
final class Event {

  private static final int EXTERNAL_BIT = 1;
  private static final int SELECTOR = 0xFFFC;

  private int vector;
  private int errorCode;
  private boolean software;
  private boolean external;

  private int nextVector;
  private int nextErrorCode;
  private @Nullable DeliveryProblem problem;
  private long detail;

  /** Turns to the exception or interrupt of {@code frame}. */
  void begin(TrapFrame frame) {
    set(frame.vector(), frame.errorCode(), frame.isSoftware(), frame.isExternal());
  }

  /** Turns to an exception that the delivery of another event raised. */
  void become(int newVector, int newErrorCode) {
    set(newVector, newErrorCode, false, false);
  }

  private void set(int number, int code, boolean isSoftware, boolean isExternal) {
    vector = number;
    errorCode = code;
    software = isSoftware;
    external = isExternal;
    problem = null;
  }

  int vector() {
    return vector;
  }

  int errorCode() {
    return errorCode;
  }

  boolean isSoftware() {
    return software;
  }

  /** Whether it is an exception: interrupts never make a double fault of the next event. */
  boolean isException() {
    return !software && !external;
  }

  /** Whether the handler finds an error code on its stack (Intel SDM vol. 3A, table 6-1). */
  boolean hasErrorCode() {
    return isException() && hasErrorCode(vector);
  }

  /** Whether RF is set in the saved flags, so that the instruction's breakpoint stays quiet. */
  boolean isFault() {
    return isException() && vector != TrapFrame.DEBUG && vector != TrapFrame.DOUBLE_FAULT;
  }

  /** Fails the attempt with an exception whose error code names a selector. */
  boolean fail(int exception, int selector, DeliveryProblem why, long about) {
    int ext = software ? 0 : EXTERNAL_BIT;
    return failWith(exception, (selector & SELECTOR) | ext, why, about);
  }

  /** Fails the attempt with an exception whose error code names the event's gate. */
  boolean failAtGate(int exception, DeliveryProblem why, long about) {
    int idtBit = 2;
    int ext = software ? 0 : EXTERNAL_BIT;
    return failWith(exception, vector << 3 | idtBit | ext, why, about);
  }

  /** Fails the attempt with an exception. */
  boolean failWith(int exception, int code, DeliveryProblem why, long about) {
    nextVector = exception;
    nextErrorCode = code;
    problem = why;
    detail = about;
    return false;
  }

  int nextVector() {
    return nextVector;
  }

  int nextErrorCode() {
    return nextErrorCode;
  }

  /** Returns why the attempt failed. */
  DeliveryProblem problem() {
    return Objects.requireNonNull(problem, "the attempt hasn't failed");
  }

  /** Returns what {@link #problem} is about. */
  long detail() {
    return detail;
  }

  static boolean hasErrorCode(int vector) {
    return switch (vector) {
      case 8, 10, 11, 12, 13, 14, 17, 21 -> true;
      default -> false;
    };
  }
}
