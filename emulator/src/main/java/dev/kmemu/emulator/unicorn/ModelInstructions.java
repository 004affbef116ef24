package dev.kmemu.emulator.unicorn;

import dev.kmemu.emulator.cpu.Completion;
import dev.kmemu.emulator.cpu.Processor;
import dev.kmemu.emulator.cpu.Register;
import org.jspecify.annotations.Nullable;

/** Executes what is intercepted for the sake of the model of the CPU. */
final class ModelInstructions {

  private static final int WRITE = 1;
  private static final int RSP = 4;
  private static final int CR0 = 0;
  private static final int CR4 = 4;
  private static final int CR8 = 8;
  private static final long CR0_PE = 1;
  private static final long CR0_TS = 1L << 3;
  private static final long LMSW_BITS = 0xF;
  private static final long CR4_DE = 1L << 3;
  private static final long DR6_WRITABLE = 0xE00F;
  private static final long DR6_ALWAYS = 0xFFFF_0FF0L;
  private static final long DR7_WRITABLE = 0xFFFF_23FFL;
  private static final long DR7_ALWAYS = 0x400;

  /** PE, MP, EM, TS, ET, NE, WP, AM, NW, CD, PG: a move doesn't change the others. */
  private static final long CR0_KNOWN = 0xE005_003FL;

  private final UnicornFrame state;
  private final InterceptedInstruction decoder;
  private @Nullable Processor processor;

  ModelInstructions(UnicornFrame state, InterceptedInstruction decoder) {
    this.state = state;
    this.decoder = decoder;
  }

  void setProcessor(Processor model) {
    processor = model;
  }

  /** Whether HLT is at RIP. */
  boolean isHalt() {
    decoder.decode();
    return decoder.isHalt();
  }

  /** Whether INT1, the one-byte F1, is at RIP. */
  boolean isInt1() {
    decoder.decode();
    return decoder.isInt1();
  }

  /** Puts RIP behind the instruction. */
  void skip() {
    decoder.decode();
    state.setRip(state.nextRip(decoder.length()));
  }

  /** Executes the instruction at RIP; when it isn't done, RIP stays at it. */
  Completion execute(int intercept) {
    Processor model = model();
    long rip = state.rip();
    skip();
    Completion completion =
        switch (intercept) {
          case Intercept.CPUID -> model.cpuid(state);
          case Intercept.RDTSC, Intercept.RDTSCP ->
              // Unicorn's RDTSCP begins as an RDTSC, and is intercepted as one.
              model.readTimeStamp(state, decoder.isRdtscp());
          case Intercept.MSR ->
              state.interceptDetail() == WRITE ? model.writeMsr(state) : model.readMsr(state);
          case Intercept.READ_CR8 -> {
            state.setGeneral(decoder.operand(), state.taskPriority());
            yield Completion.DONE;
          }
          case Intercept.WRITE_CR0 -> moveToCr0(model);
          case Intercept.WRITE_CR4 -> moveTo(model, CR4, operand());
          case Intercept.WRITE_CR8 -> moveTo(model, CR8, operand());
          default ->
              throw new IllegalStateException(
                  String.format("an intercept 0x%x that nobody asked for", intercept));
        };
    if (completion != Completion.DONE) {
      state.setRip(rip);
    }
    return completion;
  }

  /** Executes MOV to a debug register (Intel SDM vol. 3B, 17.2); when it isn't done, RIP stays. */
  Completion writeDebugRegister(int number) {
    decoder.decode();
    long value = operand();
    boolean isAlias = number == 4 || number == 5;
    if (isAlias && (state.cr4() & CR4_DE) != 0) {
      return Completion.INVALID_OPCODE;
    }
    if (number >= 4 && value >>> Integer.SIZE != 0) {
      return Completion.GENERAL_PROTECTION;
    }
    switch (isAlias ? number + 2 : number) {
      case 6 -> state.setDr6((value & DR6_WRITABLE) | DR6_ALWAYS);
      case 7 -> state.setDr7((value & DR7_WRITABLE) | DR7_ALWAYS);
      default -> state.setBreakpointAddress(number, value);
    }
    state.setRip(state.nextRip(decoder.length()));
    return Completion.DONE;
  }

  /**
   * Takes back what a near CALL or RET did to RSP before its target was refused (Intel SDM vol. 2A,
   * CALL; vol. 2B, RET).
   */
  void undoRefusedBranch() {
    if (state.pendingErrorCode() == GuardedHelpers.BRANCH_REFUSED) {
      state.setErrorCode(0);
      decoder.decode();
      state.setGeneral(RSP, state.general(RSP) - decoder.branchStackBytes());
    }
  }

  /** Executes SYSCALL; when it isn't done, RIP stays at it. */
  Completion syscall() {
    Processor model = processor;
    return model == null ? Completion.INVALID_OPCODE : entered(model, false);
  }

  /** Executes SYSENTER; when it isn't done, RIP stays at it. */
  Completion sysenter() {
    Processor model = processor;
    return model == null ? Completion.INVALID_OPCODE : entered(model, true);
  }

  /** Puts RIP behind INT n, INT3 or INTO, and returns its vector. */
  int softwareInterrupt() {
    skip();
    return decoder.softwareVector();
  }

  /** Returns the length of the instruction at RIP. */
  int length() {
    decoder.decode();
    return decoder.length();
  }

  private Completion entered(Processor model, boolean sysenter) {
    long rip = state.rip();
    state.setRip(state.nextRip(decoder.length()));
    Completion completion = sysenter ? model.sysenter(state) : model.syscall(state);
    if (completion != Completion.DONE) {
      state.setRip(rip);
    }
    return completion;
  }

  private Completion moveToCr0(Processor model) {
    long old = state.cr0();
    if (decoder.operand() == InterceptedInstruction.NO_OPERAND) {
      return moveTo(model, CR0, old & ~CR0_TS);
    }
    if (!decoder.isLmsw()) {
      return moveTo(model, CR0, operand());
    }
    if (decoder.operand() == InterceptedInstruction.MEMORY) {
      // Nobody's kernel does this any more; the engine executes it, unchecked.
      state.stopCheckingCr0();
      state.setRip(state.rip() - decoder.length());
      return Completion.DONE;
    }
    return moveTo(model, CR0, (old & ~LMSW_BITS) | (operand() & LMSW_BITS) | (old & CR0_PE));
  }

  private long operand() {
    long value = state.general(decoder.operand());
    return state.in64BitMode() ? value : value & 0xFFFF_FFFFL;
  }

  private Completion moveTo(Processor model, int register, long value) {
    Completion completion = model.writeControl(state, register, value);
    if (completion == Completion.DONE) {
      switch (register) {
        case CR0 -> state.registers.write(Register.CR0, value & CR0_KNOWN);
        case CR4 -> state.registers.write(Register.CR4, value);
        default -> state.setTaskPriority((int) value & 0xF);
      }
    }
    return completion;
  }

  private Processor model() {
    Processor model = processor;
    if (model == null) {
      throw new IllegalStateException("an intercept without a processor");
    }
    return model;
  }
}
