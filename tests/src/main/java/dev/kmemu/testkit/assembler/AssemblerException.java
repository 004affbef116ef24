package dev.kmemu.testkit.assembler;

/** An instruction that has no encoding; the message names it, the operand and the limit. */
public final class AssemblerException extends IllegalArgumentException {

  private static final long serialVersionUID = 1;

  AssemblerException(String instruction, String problem) {
    super(instruction + ": " + problem);
  }
}
