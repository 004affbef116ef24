package dev.kmemu.gdb.agent;

import dev.kmemu.emulator.cpu.Register;
import java.util.Optional;

/**
 * A register that an expression can use.
 *
 * @param register where its value is
 * @param mask the bits of that register that belong to it
 */
public record AgentRegister(Register register, long mask) {

  /** Which registers there are. */
  @FunctionalInterface
  public interface Numbering {

    /** Returns the register with {@code number}, when there is one of at most 64 bits. */
    Optional<AgentRegister> register(int number);
  }
}
