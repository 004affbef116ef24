package dev.kmemu.campaign;

/** A script that can't be understood. The message names the input and the way out. */
public final class ScriptException extends IllegalArgumentException {
  private static final long serialVersionUID = 1L;

  /** Creates it. */
  public ScriptException(String message) {
    super(message);
  }

  /** Returns the same of a line, numbered from 1. */
  ScriptException inLine(int number) {
    return new ScriptException("line " + number + ": " + getMessage());
  }
}
