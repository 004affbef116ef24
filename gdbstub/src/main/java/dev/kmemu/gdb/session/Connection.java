package dev.kmemu.gdb.session;

import dev.kmemu.emulator.debug.StopReason;

/** What a session asks of the connection that it is at the far end of. */
interface Connection {

  /** Ends packet acknowledgment from the next packet on. */
  void stopAcknowledging();

  /**
   * Brings a stop from the CPU's thread to the session. May be called from any thread; doesn't
   * block.
   *
   * @param resumes the number of the resume that the stop belongs to
   */
  void stopped(int resumes, StopReason reason);

  /** Prints on the debugger's console. May be called from any thread; doesn't block. */
  void print(String text);
}
