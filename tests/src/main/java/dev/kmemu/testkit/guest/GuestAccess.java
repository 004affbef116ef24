package dev.kmemu.testkit.guest;

import dev.kmemu.emulator.memory.VirtualAddress;
import dev.kmemu.emulator.mmu.AccessKind;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * An access of a {@link GuestCpu}, and what came of it.
 *
 * @param kind what the instruction did
 * @param address where
 * @param bytes how much of it, 1, 2, 4 or 8; a fetch has 1
 * @param cpl the privilege level
 * @param value what was loaded, zero-extended, or what was to be stored; 0 for a fetch
 * @param served the page faults that the VM served on the way, oldest first
 * @param end the exception that ended it; null when it completed
 */
public record GuestAccess(
    AccessKind kind,
    VirtualAddress address,
    int bytes,
    int cpl,
    long value,
    List<GuestFault> served,
    @Nullable GuestFault end) {

  /** Whether the instruction completed. */
  public boolean isCompleted() {
    return end == null;
  }

  /** Returns the exception that ended it. */
  public Optional<GuestFault> fault() {
    return Optional.ofNullable(end);
  }

  /** Returns one line. */
  @Override
  public String toString() {
    String what =
        switch (kind) {
          case READ -> "load of " + bytes + " bytes at ";
          case WRITE -> String.format("store of 0x%x, %d bytes, at ", value, bytes);
          case FETCH -> "fetch at ";
        };
    String result =
        end != null
            ? end.toString()
            : kind == AccessKind.READ ? String.format("0x%x", value) : "completed";
    String before =
        served.isEmpty()
            ? ""
            : served.stream().map(f -> " after " + f).collect(Collectors.joining(","));
    return what + address + " at CPL " + cpl + ": " + result + before;
  }
}
