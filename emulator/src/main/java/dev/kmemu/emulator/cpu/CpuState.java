package dev.kmemu.emulator.cpu;

/**
 * The architectural state of a CPU between two instructions, for whoever does what the engine
 * leaves to the machine: exceptions, interrupts, system calls, MSRs. Valid on the CPU's thread,
 * inside the call that hands it over. Plain {@code long}s, because these paths allocate nothing.
 */
public interface CpuState {

  /** Returns a general register by its encoding, 0 (RAX) to 15 (R15). */
  long general(int encoding);

  /** Sets a general register by its encoding, all 64 bits. */
  void setGeneral(int encoding, long value);

  /** Returns RIP: an offset in CS, where CS has a base. */
  long rip();

  /** Returns the linear address of the instruction at RIP. */
  long linearRip();

  /** Sets RIP. */
  void setRip(long rip);

  /** Returns RFLAGS. */
  long rflags();

  /** Sets RFLAGS, all of its flags. */
  void setRflags(long rflags);

  /** Returns the current privilege level, 0 to 3. */
  int cpl();

  /** Returns a segment's selector. */
  int selector(SegmentRegister segment);

  /** Returns a segment's base. */
  long base(SegmentRegister segment);

  /** Returns a segment's limit in bytes, unsigned. */
  int limit(SegmentRegister segment);

  /** Returns a segment's {@link SegmentAttributes}. */
  int attributes(SegmentRegister segment);

  /**
   * Loads a segment without any check. SS brings the CPL with its DPL; CS must be loaded before SS.
   */
  void load(SegmentRegister segment, int selector, long base, int limit, int attributes);

  /** Returns the base of the GDT. */
  long gdtBase();

  /** Returns the limit of the GDT. */
  int gdtLimit();

  /** Returns the base of the IDT. */
  long idtBase();

  /** Returns the limit of the IDT. */
  int idtLimit();

  /** Returns CR0. */
  long cr0();

  /** Returns CR2. */
  long cr2();

  /** Sets CR2. */
  void setCr2(long address);

  /** Returns CR3. */
  long cr3();

  /**
   * Sets CR3 and CR0.TS as a task switch does; translations are dropped before the CPU runs on.
   *
   * @param cr3 the new task's
   */
  void switchTask(long cr3);

  /** Returns CR4. */
  long cr4();

  /** Returns IA32_EFER. */
  long efer();

  /** Returns DR6. */
  long dr6();

  /** Sets DR6. */
  void setDr6(long value);

  /** Returns DR7. */
  long dr7();

  /** Sets DR7; no translation depends on it. */
  void setDr7(long value);

  /** Sets CR8, the task priority, 0 to 15. */
  void setTaskPriority(int priority);

  /** Whether the instruction before was STI or loaded SS, so that interrupts wait for one more. */
  boolean hasInterruptShadow();

  /** Ends the interrupt shadow. */
  void clearInterruptShadow();

  /**
   * Reads an MSR of the engine's.
   *
   * @param index one that the engine knows; others read as 0
   */
  long msr(int index);

  /** Writes an MSR of the engine's; {@link #msr}. */
  void setMsr(int index, long value);
}
