package dev.kmemu.emulator.unicorn;

import dev.kmemu.emulator.cpu.ExitKind;
import dev.kmemu.emulator.cpu.ExitProfile;
import dev.kmemu.emulator.cpu.TrapFrame;
import org.jspecify.annotations.Nullable;

/** Callbacks that a profile hears of; without a profile they are what they were. */
final class ProfiledCallbacks {

  private final @Nullable ExitProfile profile;

  ProfiledCallbacks(@Nullable ExitProfile profile) {
    this.profile = profile;
  }

  UnicornLibrary.InterruptHook interrupt(UnicornLibrary.InterruptHook hook) {
    ExitProfile tallies = profile;
    return tallies == null
        ? hook
        : (uc, vector, user) -> {
          long began = System.nanoTime();
          hook.invoke(uc, vector, user);
          if (vector != TrapFrame.INVALID_OPCODE) { // which comes through a hook of its own
            tallies.add(kind(vector), began);
          }
        };
  }

  UnicornLibrary.InvalidInstructionHook invalid(UnicornLibrary.InvalidInstructionHook hook) {
    ExitProfile tallies = profile;
    return tallies == null
        ? hook
        : (uc, user) -> {
          long began = System.nanoTime();
          byte goesOn = hook.invoke(uc, user);
          tallies.add(ExitKind.EXCEPTION, began);
          return goesOn;
        };
  }

  UnicornLibrary.InHook in(UnicornLibrary.InHook hook) {
    ExitProfile tallies = profile;
    return tallies == null
        ? hook
        : (uc, port, size, user) -> {
          long began = System.nanoTime();
          int value = hook.invoke(uc, port, size, user);
          tallies.add(ExitKind.PORT, began);
          return value;
        };
  }

  UnicornLibrary.OutHook out(UnicornLibrary.OutHook hook) {
    ExitProfile tallies = profile;
    return tallies == null
        ? hook
        : (uc, port, size, value, user) -> {
          long began = System.nanoTime();
          hook.invoke(uc, port, size, value, user);
          tallies.add(ExitKind.PORT, began);
        };
  }

  UnicornLibrary.SyscallHook systemCall(UnicornLibrary.SyscallHook hook) {
    ExitProfile tallies = profile;
    return tallies == null
        ? hook
        : (uc, user) -> {
          long began = System.nanoTime();
          hook.invoke(uc, user);
          tallies.add(ExitKind.SYSTEM_CALL, began);
        };
  }

  UnicornLibrary.MmioRead mmioRead(UnicornLibrary.MmioRead hook) {
    ExitProfile tallies = profile;
    return tallies == null
        ? hook
        : (uc, offset, size, user) -> {
          long began = System.nanoTime();
          long value = hook.invoke(uc, offset, size, user);
          tallies.add(ExitKind.MEMORY_MAPPED, began);
          return value;
        };
  }

  UnicornLibrary.MmioWrite mmioWrite(UnicornLibrary.MmioWrite hook) {
    ExitProfile tallies = profile;
    return tallies == null
        ? hook
        : (uc, offset, size, value, user) -> {
          long began = System.nanoTime();
          hook.invoke(uc, offset, size, value, user);
          tallies.add(ExitKind.MEMORY_MAPPED, began);
        };
  }

  private static ExitKind kind(int vector) {
    if (vector < Intercept.FIRST) {
      return vector == TrapFrame.PAGE_FAULT ? ExitKind.PAGE_FAULT : ExitKind.EXCEPTION;
    }
    if (vector < Intercept.FIRST_INSTRUCTION) {
      return ExitKind.CONTROL_REGISTER;
    }
    return switch (vector) {
      case Intercept.NMI_WINDOW, Intercept.COME_OUT, Intercept.INTERRUPT_WINDOW ->
          ExitKind.INTERRUPT;
      case Intercept.SOFTWARE_INTERRUPT -> ExitKind.SOFTWARE_INTERRUPT;
      case Intercept.HLT -> ExitKind.HALT;
      default -> ExitKind.MODEL;
    };
  }
}
