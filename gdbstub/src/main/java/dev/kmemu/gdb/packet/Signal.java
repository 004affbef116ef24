package dev.kmemu.gdb.packet;

/** The signals a machine stops with, by the numbers of gdb's {@code gdb/signals.def}. */
public enum Signal {
  /** No signal: the debugger stopped the thread by {@code vCont;t}. */
  NONE(0),
  /** The debugger asked. */
  SIGINT(2),
  /** An instruction that doesn't exist. */
  SIGILL(4),
  /** A breakpoint, a step, a halt. */
  SIGTRAP(5),
  /** An arithmetic exception. */
  SIGFPE(8),
  /** An unaligned access. */
  SIGBUS(10),
  /** Any other exception. */
  SIGSEGV(11);

  private final int number;

  Signal(int number) {
    this.number = number;
  }

  /** Returns gdb's number. */
  public int number() {
    return number;
  }
}
