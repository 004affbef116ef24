package dev.kmemu.emulator.trap;

import dev.kmemu.emulator.cpu.CpuState;
import dev.kmemu.emulator.cpu.InterruptibleFrame;
import dev.kmemu.emulator.cpu.TrapFrame;
import dev.kmemu.emulator.memory.PhysicalMemory;
import dev.kmemu.emulator.mmu.LinearAccess;
import java.util.ArrayList;
import java.util.List;

/**
 * Delivery of exceptions and interrupts to the guest's own handlers, in every mode, because the
 * engine never walks an IDT itself. What goes wrong on the way is an exception of its own; two of
 * them make a double fault, and a double fault that can't be delivered shuts the CPU down (Intel
 * SDM vol. 3A, 6.15, interrupt 8).
 */
final class ExceptionDelivery {

  /** Whoever may resolve a page fault before the guest hears of it. */
  @FunctionalInterface
  interface PageFaultServer {
    /** Returns whether the access may be tried again. */
    boolean resolves(InterruptibleFrame interrupted, long address, int errorCode);
  }

  private static final long CR0_PE = 1;
  private static final long DR7_GD = 1L << 13;
  private static final int MOST_ATTEMPTS = 8;

  private final LinearAccess memory;
  private final GateDelivery gates;
  private final RealModeDelivery vectors;
  private final PageFaultServer server;
  private final Event event = new Event();

  private final int[] triedVectors = new int[MOST_ATTEMPTS];
  private final int[] triedErrorCodes = new int[MOST_ATTEMPTS];
  private final DeliveryProblem[] problems = new DeliveryProblem[MOST_ATTEMPTS];
  private final long[] details = new long[MOST_ATTEMPTS];
  private int attempts;

  ExceptionDelivery(PhysicalMemory ram, PageFaultServer server) {
    this.memory = new LinearAccess(ram);
    this.gates = new GateDelivery(memory);
    this.vectors = new RealModeDelivery(memory);
    this.server = server;
  }

  Delivery deliver(InterruptibleFrame frame) {
    memory.enter(frame);
    event.begin(frame);
    attempts = 0;
    if (frame.vector() == TrapFrame.DEBUG && !frame.isSoftware()) {
      frame.setDr7(frame.dr7() & ~DR7_GD);
    }
    while (!enter(frame)) {
      int next = event.nextVector();
      boolean pageFault = next == Vector.PAGE_FAULT;
      if (pageFault && server.resolves(frame, memory.faultAddress(), event.nextErrorCode())) {
        continue;
      }
      if (pageFault) {
        frame.setCr2(memory.faultAddress());
      }
      remember();
      int vector = event.vector();
      if ((event.isException() && vector == Vector.DOUBLE_FAULT) || attempts == MOST_ATTEMPTS) {
        return shutdown();
      }
      frame.setRip(frame.instruction());
      if (event.isException() && Vector.makesDoubleFault(vector, next)) {
        event.become(Vector.DOUBLE_FAULT, 0);
      } else {
        event.become(next, event.nextErrorCode());
      }
    }
    return Delivery.Done.INSTANCE;
  }

  private boolean enter(CpuState cpu) {
    return (cpu.cr0() & CR0_PE) == 0 ? vectors.enter(cpu, event) : gates.enter(cpu, event);
  }

  private void remember() {
    triedVectors[attempts] = event.vector();
    triedErrorCodes[attempts] = event.hasErrorCode() ? event.errorCode() : 0;
    problems[attempts] = event.problem();
    details[attempts] = event.detail();
    attempts++;
  }

  private Delivery shutdown() {
    List<String> lines = new ArrayList<>();
    for (int i = 0; i < attempts; i++) {
      String code =
          triedErrorCodes[i] == 0 ? "" : String.format(" (error code 0x%x)", triedErrorCodes[i]);
      lines.add(
          ExceptionName.of(triedVectors[i])
              + code
              + ": "
              + problems[i].describe(triedVectors[i], details[i]));
    }
    return new Delivery.Shutdown(
        problems[0].describe(triedVectors[0], details[0]), List.copyOf(lines));
  }
}
