package dev.kmemu.emulator.machine;

import dev.kmemu.emulator.memory.VirtualAddress;
import dev.kmemu.emulator.trap.CrashReport;

/** What became of a page fault that was raised from outside. */
public sealed interface PageFaultResult {

  /**
   * The host kernel answered it; the guest hears nothing.
   *
   * @param rip where the guest goes on, mostly where it was
   */
  record Served(VirtualAddress rip) implements PageFaultResult {}

  /**
   * It was delivered to the guest's own handler, at which the CPU stands.
   *
   * @param handler the first instruction
   */
  record Delivered(VirtualAddress handler) implements PageFaultResult {}

  /**
   * Nobody answers it: the guest would end here. It hasn't.
   *
   * @param report as the guest's end would be told
   */
  record Unanswered(CrashReport report) implements PageFaultResult {}
}
