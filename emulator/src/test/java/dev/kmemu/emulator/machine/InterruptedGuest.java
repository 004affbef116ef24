package dev.kmemu.emulator.machine;

import dev.kmemu.emulator.cpu.Register;
import dev.kmemu.emulator.device.InterruptLine;

/**
 * A {@link GuestProgram} with a GDT, an IDT and an {@link InterruptLine}. Its handlers count how
 * often they run, and store the RIP that they interrupted last.
 */
final class InterruptedGuest implements AutoCloseable {

  /** A vector whose handler counts. */
  static final int VECTOR = 0x40;

  static final int NMI = 2;
  static final int DEBUG = 1;

  private static final long IDT = 0x6000;
  private static final long GDT = 0x7000;
  private static final long HANDLERS = 0x11_0000;
  private static final long HANDLER_BYTES = 0x100;
  private static final long COUNTS = GuestProgram.DATA + 0x1000;
  private static final long RIPS = GuestProgram.DATA + 0x2000;
  private static final int INTERRUPT_GATE = 0x8E;

  final GuestProgram guest;
  final InterruptLine line;

  InterruptedGuest(String hex) {
    this(hex, MachineOptions.standard());
  }

  InterruptedGuest(String hex, MachineOptions options) {
    guest = new GuestProgram(hex, options);
    line = new InterruptLine(guest.machine::interruptsChanged);
    guest.store(GDT + 0x08, 0x0020_9A00_0000_0000L);
    guest.store(GDT + 0x10, 0x0000_9200_0000_0000L);
    guest.set(Register.GDTR_BASE, GDT);
    guest.set(Register.GDTR_LIMIT, 0x17);
    guest.set(Register.IDTR_BASE, IDT);
    guest.set(Register.IDTR_LIMIT, 0xFFF);
    guest.set(Register.CS, 0x08);
    guest.set(Register.SS, 0x10);
    guest.set(Register.RAX, 0x10);
    counter(NMI);
    counter(DEBUG);
    counter(VECTOR);
    guest.machine.setInterruptController(line);
  }

  /** Makes the handler of {@code vector} count. */
  void counter(int vector) {
    // push rax; mov rax, [rsp + 8]; mov [rip], rax; inc qword [count]; pop rax; iretq
    handler(
        vector,
        "50 488b442408 48890425"
            + le32(RIPS + vector * 8L)
            + "48ff0425"
            + le32(COUNTS + vector * 8L)
            + "58 48cf");
  }

  /** Sets the code that serves {@code vector}. */
  void handler(int vector, String hex) {
    long handler = HANDLERS + vector * HANDLER_BYTES;
    guest.code(handler, hex);
    long at = IDT + vector * 16L;
    guest.store(
        at,
        (handler & 0xFFFF) | 0x08L << 16 | (long) INTERRUPT_GATE << 40 | (handler >>> 16) << 48);
    guest.store(at + 8, 0);
  }

  /** Returns how often the handler of {@code vector} has run. */
  long count(int vector) {
    return guest.load(COUNTS + vector * 8L);
  }

  /** Returns the offset in the program that {@code vector} interrupted last. */
  long interruptedAt(int vector) {
    return guest.load(RIPS + vector * 8L) - GuestProgram.CODE;
  }

  GuestOutcome runToTheEnd() {
    guest.machine.resume();
    return guest.machine.outcome().join();
  }

  /** Waits until {@code vector} has been served {@code times}. */
  void awaitCount(int vector, long times) {
    while (count(vector) < times) {
      Thread.onSpinWait();
    }
  }

  static String le32(long value) {
    return String.format("%08x", Integer.reverseBytes((int) value));
  }

  @Override
  public void close() {
    guest.close();
  }
}
