package dev.kmemu.testkit.assembler;

/**
 * Assembles a guest program: a method for each instruction, in the order in which they run.
 *
 * <pre>{@code
 * Assembler code = new Assembler();
 * Label next = code.label("next");
 * Program program =
 *     code.mov(R64.RCX, 8)
 *         .bind(next)
 *         .mov(qwordPtr(R64.RDI), R64.RCX)
 *         .add(R64.RDI, 4096)
 *         .dec(R64.RCX)
 *         .jnz(next)
 *         .hlt()
 *         .assemble();
 * }</pre>
 *
 * <p>Code is for 64-bit mode and runs at any address. An operand that an instruction can't have is
 * an {@link AssemblerException} at the call. Encodings are the ones that GNU {@code as} chooses.
 * Not thread-safe.
 */
public final class Assembler extends SystemInstructions {

  /** Creates an empty program. */
  public Assembler() {}

  @Override
  Assembler self() {
    return this;
  }
}
