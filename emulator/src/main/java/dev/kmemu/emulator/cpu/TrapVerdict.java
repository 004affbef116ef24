package dev.kmemu.emulator.cpu;

import dev.kmemu.emulator.memory.VirtualAddress;

/** What a handler decided about an exception. */
public sealed interface TrapVerdict {

  /** The cause is gone: the instruction runs again. */
  enum Resume implements TrapVerdict {
    /** The only one. */
    INSTANCE
  }

  /** The handler isn't responsible, or could do nothing: ask the next one. */
  enum NotHandled implements TrapVerdict {
    /** The only one. */
    INSTANCE
  }

  /** The guest goes on elsewhere, as with {@code pcb_onfault}. */
  record ResumeAt(VirtualAddress rip) implements TrapVerdict {}

  /**
   * The access can't be served: the end of the guest, unless it has a handler of its own.
   *
   * @param message the text that a kernel without one panics with
   * @param cause why the access can't be served, a phrase
   * @param report what the kernel prints before it panics, lines; empty when it prints nothing
   */
  record Fatal(String message, String cause, String report) implements TrapVerdict {

    /** Creates the verdict of a kernel that prints nothing. */
    public Fatal(String message, String cause) {
      this(message, cause, "");
    }
  }

  /**
   * A user program's access can't be served: the program gets a signal, which ends the guest unless
   * it has a handler of its own.
   *
   * @param cause why the access can't be served, a phrase
   */
  record Signal(GuestSignal signal, String cause) implements TrapVerdict {}

  /**
   * The kernel is lost, whatever handlers the guest has.
   *
   * @param message the panic's text, one line
   */
  record Panic(String message) implements TrapVerdict {}
}
