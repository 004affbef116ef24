package dev.kmemu.testkit.guest;

import dev.kmemu.emulator.cpu.Register;
import dev.kmemu.emulator.memory.VirtualAddress;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * A program that a {@link GuestCpu} ran.
 *
 * @param registers the general registers, RIP and RFLAGS at its end
 * @param origin where its first byte was
 * @param served the page faults that the VM served, oldest first
 * @param end the exception that ended it; null when it came to its HLT
 */
public record GuestRun(
    Map<Register, Long> registers,
    VirtualAddress origin,
    List<GuestFault> served,
    @Nullable GuestFault end) {

  /** Whether it came to its HLT. */
  public boolean isCompleted() {
    return end == null;
  }

  /** Returns the exception that ended it. */
  public Optional<GuestFault> fault() {
    return Optional.ofNullable(end);
  }

  /**
   * Returns a register as it was at the end.
   *
   * @throws IllegalArgumentException when it isn't a general register, RIP or RFLAGS
   */
  public long register(Register register) {
    Long value = registers.get(register);
    if (value == null) {
      throw new IllegalArgumentException(
          register + " isn't kept: a run keeps the general registers, RIP and RFLAGS");
    }
    return value;
  }
}
