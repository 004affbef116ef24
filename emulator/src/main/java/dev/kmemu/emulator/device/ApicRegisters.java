package dev.kmemu.emulator.device;

/**
 * The registers of a local APIC by their numbers, which are a sixteenth of their offsets in the
 * page and what MSR 0x800 is to be added to (Intel SDM vol. 3A, tables 10-1 and 10-6). On the CPU's
 * thread.
 */
final class ApicRegisters {

  static final int ID = 0x02;
  static final int VERSION = 0x03;
  static final int TASK_PRIORITY = 0x08;
  static final int ARBITRATION_PRIORITY = 0x09;
  static final int PROCESSOR_PRIORITY = 0x0A;
  static final int END_OF_INTERRUPT = 0x0B;
  static final int REMOTE_READ = 0x0C;
  static final int LOGICAL_DESTINATION = 0x0D;
  static final int DESTINATION_FORMAT = 0x0E;
  static final int SPURIOUS = 0x0F;
  static final int VECTORS = 0x10;
  static final int VECTORS_LAST = 0x27;
  static final int ERRORS = 0x28;
  static final int COMMAND = 0x30;
  static final int COMMAND_HIGH = 0x31;
  static final int LOCAL = 0x32;
  static final int LOCAL_LAST = 0x37;
  static final int INITIAL_COUNT = 0x38;
  static final int CURRENT_COUNT = 0x39;
  static final int DIVIDE = 0x3E;
  static final int SELF = 0x3F;

  /** Six entries in the local vector table, an integrated APIC. */
  private static final int VERSION_VALUE = (ApicLocalVectors.ENTRIES - 1) << 16 | 0x14;

  private static final int COMMAND_WRITABLE = 0xC_CFFF;
  private static final int LOGICAL = 1 << 11;
  private static final int IS_LEVEL = 1 << 15;
  private static final int FIRST_LEGAL_VECTOR = 16;

  private final LocalApic apic;
  private int command;
  private int commandTo;

  ApicRegisters(LocalApic apic) {
    this.apic = apic;
  }

  /** Whether there is such a register, in the page or among the MSRs. */
  static boolean exists(int number, boolean x2apic) {
    return switch (number) {
      case ID,
          VERSION,
          TASK_PRIORITY,
          PROCESSOR_PRIORITY,
          END_OF_INTERRUPT,
          LOGICAL_DESTINATION,
          SPURIOUS,
          ERRORS,
          COMMAND,
          INITIAL_COUNT,
          CURRENT_COUNT,
          DIVIDE ->
          true;
      case ARBITRATION_PRIORITY, REMOTE_READ, DESTINATION_FORMAT, COMMAND_HIGH -> !x2apic;
      case SELF -> x2apic;
      default ->
          (number >= VECTORS && number <= VECTORS_LAST)
              || (number >= LOCAL && number <= LOCAL_LAST);
    };
  }

  int read(int number) {
    if (number >= VECTORS && number <= VECTORS_LAST) {
      return apic.vectors(number - VECTORS);
    }
    if (number >= LOCAL && number <= LOCAL_LAST) {
      return apic.local.get(number - LOCAL);
    }
    return switch (number) {
      case ID -> apic.destination().idRegister();
      case VERSION -> VERSION_VALUE;
      case TASK_PRIORITY -> apic.taskPriority();
      case PROCESSOR_PRIORITY -> apic.processorPriority();
      case LOGICAL_DESTINATION -> apic.destination().logicalRegister();
      case DESTINATION_FORMAT -> apic.destination().formatRegister();
      case SPURIOUS -> apic.spurious();
      case ERRORS -> apic.errors();
      case COMMAND -> command;
      case COMMAND_HIGH -> commandTo;
      case INITIAL_COUNT -> (int) apic.timer.initial();
      case CURRENT_COUNT -> (int) apic.timer.current();
      case DIVIDE -> apic.timer.divide();
      default -> 0;
    };
  }

  /** Writes a register that may be written; others take nothing. */
  void write(int number, int value) {
    if (number >= LOCAL && number <= LOCAL_LAST) {
      apic.setLocal(number - LOCAL, value);
    } else {
      switch (number) {
        case ID -> apic.destination().setIdRegister(value);
        case TASK_PRIORITY -> apic.setTaskPriority(value);
        case END_OF_INTERRUPT -> apic.endOfInterrupt();
        case LOGICAL_DESTINATION -> apic.destination().setLogicalRegister(value);
        case DESTINATION_FORMAT -> apic.destination().setFormatRegister(value);
        case SPURIOUS -> apic.setSpurious(value);
        case ERRORS -> apic.latchErrors();
        case COMMAND -> send(value, ApicDestination.ofByte(commandTo >>> 24));
        case COMMAND_HIGH -> commandTo = value & 0xFF00_0000;
        case INITIAL_COUNT -> apic.timer.setInitial(value & 0xFFFF_FFFFL);
        case DIVIDE -> apic.timer.setDivide(value);
        case SELF -> send((value & 0xFF) | 1 << 18, 0);
        default -> {
          // Read-only.
        }
      }
    }
    apic.tell();
  }

  /** Takes the interrupt command of an MSR. */
  void writeCommand(long value) {
    commandTo = (int) (value >>> Integer.SIZE);
    send((int) value, commandTo);
    apic.tell();
  }

  long readCommand() {
    return (long) commandTo << Integer.SIZE | command;
  }

  /** Sends an interprocessor interrupt; it is delivered at once, so that its status stays idle. */
  private void send(int value, int to) {
    command = value & COMMAND_WRITABLE;
    int mode = command >> 8 & 7;
    int vector = command & 0xFF;
    if (mode <= 1 && vector < FIRST_LEGAL_VECTOR) {
      apic.noteError(LocalApic.SENT_ILLEGAL_VECTOR);
      return;
    }
    // Only INIT has a level of its own (10.6.1); all others are edges.
    boolean isLevel = (command & IS_LEVEL) != 0 && mode == 5;
    switch (command >> 18 & 3) {
      case 0 -> apic.receive(to, (command & LOGICAL) != 0, mode, vector, isLevel);
      case 1, 2 -> apic.accept(mode == 1 ? ApicLocalVectors.FIXED : mode, vector, isLevel);
      default -> {
        // All but this CPU: nobody.
      }
    }
  }

  /** Number of values that {@link #save} writes. */
  static final int STATE = 2;

  void save(long[] state, int at) {
    state[at] = command;
    state[at + 1] = commandTo;
  }

  void restore(long[] state, int at) {
    command = (int) state[at] & COMMAND_WRITABLE;
    commandTo = (int) state[at + 1];
  }
}
