package dev.kmemu.emulator.unicorn;

import static dev.kmemu.emulator.unicorn.UnicornLibrary.check;

import com.sun.jna.Callback;
import com.sun.jna.Memory;
import com.sun.jna.Pointer;
import java.util.ArrayList;
import java.util.List;

/** What the library calls, kept reachable as long as it may. */
final class EngineCallbacks {

  /** Where the physical addresses end that a page-table entry can name. */
  static final long PHYSICAL_SPACE = 1L << 40;

  private final long engine;
  private final ObservedCallbacks observed;
  private final List<Callback> reachable = new ArrayList<>();

  EngineCallbacks(long engine, Hooks hooks, PortHooks ports, ObservedCallbacks observed) {
    this.engine = engine;
    this.observed = observed;
    hook(UnicornLibrary.UC_HOOK_INTR, observed.interrupt(hooks::onInterrupt), 0);
    hook(UnicornLibrary.UC_HOOK_INSN_INVALID, observed.invalid(hooks::onInvalidInstruction), 0);
    hookInstruction(observed.in(ports::onIn), UnicornLibrary.UC_X86_INS_IN);
    hookInstruction(observed.out(ports::onOut), UnicornLibrary.UC_X86_INS_OUT);
    hookInstruction(observed.systemCall(hooks::onSyscall), UnicornLibrary.UC_X86_INS_SYSCALL);
    hookInstruction(observed.systemCall(hooks::onSysenter), UnicornLibrary.UC_X86_INS_SYSENTER);
  }

  /** Lets {@code mmio} answer in [{@code start}, {@code end}), which isn't RAM. */
  void mapMmio(MmioHooks mmio, long start, long end) {
    if (start < end) {
      check(
          "uc_mmio_map",
          UnicornLibrary.uc_mmio_map(
              engine,
              start,
              end - start,
              keep(observed.mmioRead(mmio::onRead)),
              start,
              keep(observed.mmioWrite(mmio::onWrite)),
              start));
    }
  }

  /** Forgets the callbacks, when the engine is gone. */
  void close() {
    reachable.clear();
  }

  private void hookInstruction(Callback callback, int instruction) {
    hook(UnicornLibrary.UC_HOOK_INSN, callback, instruction);
  }

  private void hook(int type, Callback callback, int instruction) {
    try (Memory out = new Memory(Long.BYTES)) {
      check(
          "uc_hook_add",
          UnicornLibrary.uc_hook_add(
              engine, Pointer.nativeValue(out), type, keep(callback), 0, 1, 0, instruction));
    }
  }

  private <C extends Callback> C keep(C callback) {
    reachable.add(callback);
    return callback;
  }
}
