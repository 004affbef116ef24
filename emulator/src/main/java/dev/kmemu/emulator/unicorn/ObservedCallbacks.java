package dev.kmemu.emulator.unicorn;

import dev.kmemu.emulator.cpu.ExitKind;
import dev.kmemu.emulator.cpu.ExitLog;
import dev.kmemu.emulator.cpu.ExitProfile;
import dev.kmemu.emulator.cpu.TrapFrame;
import org.jspecify.annotations.Nullable;

/** Callbacks that the log of exits hears of, and a profile if there is one. */
final class ObservedCallbacks {

  private static final int NO_DETAIL = -1;

  private final ExitLog log;
  private final @Nullable ExitProfile profile;
  private final UnicornState state;

  ObservedCallbacks(ExitLog log, @Nullable ExitProfile profile, UnicornState state) {
    this.log = log;
    this.profile = profile;
    this.state = state;
  }

  UnicornLibrary.InterruptHook interrupt(UnicornLibrary.InterruptHook hook) {
    return (uc, vector, user) -> {
      if (vector == TrapFrame.INVALID_OPCODE) { // which comes through a hook of its own
        hook.invoke(uc, vector, user);
        return;
      }
      ExitKind kind = kind(vector);
      int detail = vector < Intercept.FIRST ? vector : NO_DETAIL;
      long began = begin(kind, detail, state.linearRip());
      hook.invoke(uc, vector, user);
      end(kind, began);
    };
  }

  UnicornLibrary.InvalidInstructionHook invalid(UnicornLibrary.InvalidInstructionHook hook) {
    return (uc, user) -> {
      long began = begin(ExitKind.EXCEPTION, TrapFrame.INVALID_OPCODE, state.linearRip());
      byte goesOn = hook.invoke(uc, user);
      end(ExitKind.EXCEPTION, began);
      return goesOn;
    };
  }

  UnicornLibrary.InHook in(UnicornLibrary.InHook hook) {
    return (uc, port, size, user) -> {
      long began = begin(ExitKind.PORT, port, ExitLog.NOWHERE);
      int value = hook.invoke(uc, port, size, user);
      end(ExitKind.PORT, began);
      return value;
    };
  }

  UnicornLibrary.OutHook out(UnicornLibrary.OutHook hook) {
    return (uc, port, size, value, user) -> {
      long began = begin(ExitKind.PORT, port, ExitLog.NOWHERE);
      hook.invoke(uc, port, size, value, user);
      end(ExitKind.PORT, began);
    };
  }

  UnicornLibrary.SyscallHook systemCall(UnicornLibrary.SyscallHook hook) {
    return (uc, user) -> {
      long began = begin(ExitKind.SYSTEM_CALL, NO_DETAIL, ExitLog.NOWHERE);
      hook.invoke(uc, user);
      end(ExitKind.SYSTEM_CALL, began);
    };
  }

  UnicornLibrary.MmioRead mmioRead(UnicornLibrary.MmioRead hook) {
    return (uc, offset, size, user) -> {
      long began = begin(ExitKind.MEMORY_MAPPED, NO_DETAIL, ExitLog.NOWHERE);
      long value = hook.invoke(uc, offset, size, user);
      end(ExitKind.MEMORY_MAPPED, began);
      return value;
    };
  }

  UnicornLibrary.MmioWrite mmioWrite(UnicornLibrary.MmioWrite hook) {
    return (uc, offset, size, value, user) -> {
      long began = begin(ExitKind.MEMORY_MAPPED, NO_DETAIL, ExitLog.NOWHERE);
      hook.invoke(uc, offset, size, value, user);
      end(ExitKind.MEMORY_MAPPED, began);
    };
  }

  /** Returns when the exit began, where somebody wants to know. */
  private long begin(ExitKind kind, int detail, long rip) {
    log.add(kind, detail, rip);
    return profile == null ? 0 : System.nanoTime();
  }

  private void end(ExitKind kind, long began) {
    ExitProfile tallies = profile;
    if (tallies != null) {
      tallies.add(kind, began);
    }
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
