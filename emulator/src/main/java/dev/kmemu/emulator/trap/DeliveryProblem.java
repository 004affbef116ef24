package dev.kmemu.emulator.trap;

/** What keeps an event from its handler, in the guest's tables. */
enum DeliveryProblem {
  IDT_TOO_SHORT("the guest's IDT has no vector %d (limit 0x%x)"),
  IDT_NOT_MAPPED("the guest's IDT isn't mapped at 0x%2$016x"),
  NO_GATE("the guest's IDT has no gate for vector %d (0x%016x)"),
  GATE_PRIVILEGE("the gate of vector %d is closed to CPL 3 (DPL %d)"),
  GATE_NOT_PRESENT("the gate of vector %d isn't present (0x%016x)"),
  CODE_SEGMENT("the gate of vector %d names no code segment that can be entered (0x%x)"),
  DESCRIPTOR_NOT_MAPPED("the guest's descriptor tables aren't mapped at 0x%2$016x"),
  TASK("the task of vector %d can't be switched to (0x%x)"),
  TSS_NOT_MAPPED("the guest's TSS isn't mapped at 0x%2$016x"),
  TSS_TOO_SHORT("the guest's TSS holds no stack for vector %d (limit 0x%x)"),
  STACK_SEGMENT("the guest's TSS names no stack segment for vector %d that can be used (0x%x)"),
  STACK_NOT_CANONICAL("the handler's stack for vector %d isn't canonical (0x%016x)"),
  STACK_LIMIT("the handler's stack for vector %d ends at its limit (0x%x)"),
  STACK_NOT_MAPPED("the handler's stack isn't mapped at 0x%2$016x"),
  HANDLER_OUTSIDE("the handler of vector %d is outside its code segment (0x%016x)");

  private final String text;

  DeliveryProblem(String text) {
    this.text = text;
  }

  /**
   * Returns it in words.
   *
   * @param vector the event's
   * @param detail what the problem is about: an address, a selector, a limit
   */
  String describe(int vector, long detail) {
    return String.format(text, vector, detail);
  }
}
