package dev.kmemu.gdb.agent;

/** An evaluation that came to no end: a division by zero, memory that isn't there, a limit. */
public final class AgentFaultException extends RuntimeException {

  private static final long serialVersionUID = 1;

  AgentFaultException(String message) {
    super(message);
  }
}
