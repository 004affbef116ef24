package dev.kmemu.gdb.agent;

/** Bytecode that is never executed; the message says what is wrong with it and where. */
public final class BadAgentCodeException extends Exception {

  private static final long serialVersionUID = 1;

  BadAgentCodeException(String message) {
    super(message);
  }
}
