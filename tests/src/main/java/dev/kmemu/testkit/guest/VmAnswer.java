package dev.kmemu.testkit.guest;

import dev.kmemu.emulator.cpu.TrapVerdict;

/**
 * What the kernel VM said to an exception.
 *
 * @param kind what it did
 * @param text why, in words; empty when it served the fault or wasn't asked
 */
public record VmAnswer(Kind kind, String text) {

  /** What the VM can do. */
  public enum Kind {
    /** {@code vm_fault} brought the page in, and the instruction ran again. */
    SERVED,
    /** The program gets SIGSEGV. */
    SIGSEGV,
    /** The program gets SIGBUS. */
    SIGBUS,
    /** The kernel goes on at {@code pcb_onfault}. */
    ONFAULT,
    /** The kernel panics, because it touched what isn't there. */
    FATAL,
    /** {@code vm_fault} itself panicked. */
    PANIC,
    /** {@code vm_fault} says that the page is in, but the CPU raises the same fault each time. */
    REPEATED,
    /** It is no page fault, or another kernel answers them. */
    NOT_ASKED
  }

  static final VmAnswer NOT_ASKED = new VmAnswer(Kind.NOT_ASKED, "");

  static final VmAnswer REPEATED =
      new VmAnswer(
          Kind.REPEATED,
          "vm_fault served it, and the same instruction raised it again, 100 times: the entry that"
              + " was made doesn't allow the access");

  static VmAnswer of(TrapVerdict verdict) {
    if (verdict instanceof TrapVerdict.Signal signal) {
      return new VmAnswer(Kind.valueOf(signal.signal().name()), signal.cause());
    }
    if (verdict instanceof TrapVerdict.Fatal fatal) {
      return new VmAnswer(Kind.FATAL, fatal.cause());
    }
    if (verdict instanceof TrapVerdict.Panic panic) {
      return new VmAnswer(Kind.PANIC, panic.message());
    }
    if (verdict instanceof TrapVerdict.ResumeAt elsewhere) {
      return new VmAnswer(Kind.ONFAULT, "at " + elsewhere.rip());
    }
    return verdict == TrapVerdict.Resume.INSTANCE ? new VmAnswer(Kind.SERVED, "") : NOT_ASKED;
  }

  /** Returns it as a phrase: what the VM said. */
  @Override
  public String toString() {
    String what =
        switch (kind) {
          case SERVED -> "served by vm_fault";
          case SIGSEGV, SIGBUS -> kind.name();
          case ONFAULT -> "sent to pcb_onfault";
          case FATAL -> "fatal trap";
          case PANIC -> "panic";
          case REPEATED -> "no way out";
          case NOT_ASKED -> "the VM wasn't asked";
        };
    return text.isEmpty() ? what : what + ": " + text;
  }
}
