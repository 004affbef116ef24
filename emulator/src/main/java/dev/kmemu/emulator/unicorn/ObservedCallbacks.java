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
    ExitProfile tallies = profile;
    return tallies == null
        ? (uc, vector, user) -> {
          note(vector);
          hook.invoke(uc, vector, user);
        }
        : (uc, vector, user) -> {
          note(vector);
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
        ? (uc, user) -> {
          log.add(ExitKind.EXCEPTION, TrapFrame.INVALID_OPCODE, state.linearRip());
          return hook.invoke(uc, user);
        }
        : (uc, user) -> {
          log.add(ExitKind.EXCEPTION, TrapFrame.INVALID_OPCODE, state.linearRip());
          long began = System.nanoTime();
          byte goesOn = hook.invoke(uc, user);
          tallies.add(ExitKind.EXCEPTION, began);
          return goesOn;
        };
  }

  UnicornLibrary.InHook in(UnicornLibrary.InHook hook) {
    ExitProfile tallies = profile;
    return tallies == null
        ? (uc, port, size, user) -> {
          log.add(ExitKind.PORT, port, ExitLog.NOWHERE);
          return hook.invoke(uc, port, size, user);
        }
        : (uc, port, size, user) -> {
          log.add(ExitKind.PORT, port, ExitLog.NOWHERE);
          long began = System.nanoTime();
          int value = hook.invoke(uc, port, size, user);
          tallies.add(ExitKind.PORT, began);
          return value;
        };
  }

  UnicornLibrary.OutHook out(UnicornLibrary.OutHook hook) {
    ExitProfile tallies = profile;
    return tallies == null
        ? (uc, port, size, value, user) -> {
          log.add(ExitKind.PORT, port, ExitLog.NOWHERE);
          hook.invoke(uc, port, size, value, user);
        }
        : (uc, port, size, value, user) -> {
          log.add(ExitKind.PORT, port, ExitLog.NOWHERE);
          long began = System.nanoTime();
          hook.invoke(uc, port, size, value, user);
          tallies.add(ExitKind.PORT, began);
        };
  }

  UnicornLibrary.SyscallHook systemCall(UnicornLibrary.SyscallHook hook) {
    ExitProfile tallies = profile;
    return tallies == null
        ? (uc, user) -> {
          log.add(ExitKind.SYSTEM_CALL, NO_DETAIL, ExitLog.NOWHERE);
          hook.invoke(uc, user);
        }
        : (uc, user) -> {
          log.add(ExitKind.SYSTEM_CALL, NO_DETAIL, ExitLog.NOWHERE);
          long began = System.nanoTime();
          hook.invoke(uc, user);
          tallies.add(ExitKind.SYSTEM_CALL, began);
        };
  }

  UnicornLibrary.MmioRead mmioRead(UnicornLibrary.MmioRead hook) {
    ExitProfile tallies = profile;
    return tallies == null
        ? (uc, offset, size, user) -> {
          log.add(ExitKind.MEMORY_MAPPED, NO_DETAIL, ExitLog.NOWHERE);
          return hook.invoke(uc, offset, size, user);
        }
        : (uc, offset, size, user) -> {
          log.add(ExitKind.MEMORY_MAPPED, NO_DETAIL, ExitLog.NOWHERE);
          long began = System.nanoTime();
          long value = hook.invoke(uc, offset, size, user);
          tallies.add(ExitKind.MEMORY_MAPPED, began);
          return value;
        };
  }

  UnicornLibrary.MmioWrite mmioWrite(UnicornLibrary.MmioWrite hook) {
    ExitProfile tallies = profile;
    return tallies == null
        ? (uc, offset, size, value, user) -> {
          log.add(ExitKind.MEMORY_MAPPED, NO_DETAIL, ExitLog.NOWHERE);
          hook.invoke(uc, offset, size, value, user);
        }
        : (uc, offset, size, value, user) -> {
          log.add(ExitKind.MEMORY_MAPPED, NO_DETAIL, ExitLog.NOWHERE);
          long began = System.nanoTime();
          hook.invoke(uc, offset, size, value, user);
          tallies.add(ExitKind.MEMORY_MAPPED, began);
        };
  }

  private void note(int vector) {
    if (vector != TrapFrame.INVALID_OPCODE) {
      int detail = vector < Intercept.FIRST ? vector : NO_DETAIL;
      log.add(kind(vector), detail, state.linearRip());
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
