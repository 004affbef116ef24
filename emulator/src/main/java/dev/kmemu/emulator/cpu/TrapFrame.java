package dev.kmemu.emulator.cpu;

/**
 * What the CPU knew when it raised an exception. One object serves all exceptions of a CPU: it is
 * valid only during the call that hands it over.
 *
 * <p>Addresses are plain {@code long}s here, because the fault path allocates nothing.
 */
public interface TrapFrame {

  /** Vector of the debug exception, #DB. */
  int DEBUG = 1;

  /** Vector of the breakpoint exception, #BP. */
  int BREAKPOINT = 3;

  /** Vector of the invalid-opcode exception, #UD. */
  int INVALID_OPCODE = 6;

  /** Vector of the double fault, #DF. */
  int DOUBLE_FAULT = 8;

  /** Vector of the general-protection exception, #GP. */
  int GENERAL_PROTECTION = 13;

  /** Vector of the page fault, #PF. */
  int PAGE_FAULT = 14;

  /** Page-fault error code: the translation was present, its protection was violated. */
  int PF_PRESENT = 0x01;

  /** Page-fault error code: the access was a write. */
  int PF_WRITE = 0x02;

  /** Page-fault error code: the access was made at CPL 3. */
  int PF_USER = 0x04;

  /** Page-fault error code: a reserved bit was set in a paging-structure entry. */
  int PF_RESERVED = 0x08;

  /** Page-fault error code: the access was an instruction fetch. */
  int PF_FETCH = 0x10;

  /** Returns the vector, 0 to 255. */
  int vector();

  /** Whether {@code int n}, INT3 or INTO caused it, so that RIP is behind it. */
  boolean isSoftware();

  /** Whether it came from outside, by an interrupt line; RIP is the next instruction. */
  boolean isExternal();

  /** Returns the error code, 0 where the vector has none. */
  int errorCode();

  /** Returns CR2: the linear address of a page fault, stale for other vectors. */
  long faultAddress();

  /** Returns RIP: the faulting instruction, or the next one for a trap. */
  long rip();

  /** Returns RFLAGS. */
  long rflags();

  /** Returns the current privilege level, 0 to 3. */
  int cpl();
}
