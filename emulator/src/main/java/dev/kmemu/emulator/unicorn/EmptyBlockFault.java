package dev.kmemu.emulator.unicorn;

import dev.kmemu.emulator.memory.VirtualAddress;

/**
 * Page faults that the guest hasn't earned. Translated code that is nothing but an exit has no
 * bytes, and the library looks for the page of its last one, which is the page before: an exit at
 * the start of a page faults when nothing can be executed there. Once a run has come to an exit,
 * the library looks at the byte before each exit so.
 */
final class EmptyBlockFault {

  private final UnicornFrame frame;
  private final BreakpointExits exits;
  private long cr2;
  private int errorCode;

  EmptyBlockFault(UnicornFrame frame, BreakpointExits exits) {
    this.frame = frame;
    this.exits = exits;
  }

  /** Takes note of what the guest knows of its last page fault. */
  void remember() {
    cr2 = frame.cr2();
    errorCode = frame.pendingErrorCode();
  }

  /** Whether the page fault that has arrived is one; CR2 is then what it was. */
  boolean undo() {
    long rip = frame.linearRip();
    boolean empty =
        rip % VirtualAddress.PAGE_SIZE == 0
            && frame.cr2() == rip - VirtualAddress.PAGE_SIZE
            && exits.isInstalled(rip);
    if (empty) {
      frame.setCr2(cr2);
    }
    return empty;
  }

  /** Undoes what looks at the end of a run have left behind. */
  void endRun() {
    frame.forgetException();
    if (frame.cr2() != cr2 && exits.isInstalled(frame.cr2() + 1)) {
      frame.setCr2(cr2);
      frame.setErrorCode(errorCode);
    }
  }
}
