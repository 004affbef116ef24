package dev.kmemu.emulator.unicorn;

import static dev.kmemu.emulator.unicorn.UnicornLibrary.check;

import com.sun.jna.Memory;
import com.sun.jna.Pointer;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;

/**
 * Breakpoints as code hooks of one address each. They live outside guest memory, so nobody sees
 * them there and nobody overwrites them.
 *
 * <p>A hook stays when its breakpoint goes: a debugger takes its breakpoints out at every stop and
 * puts them back before every run, and a hook costs nothing where it isn't reached, but adding one
 * drops translated code.
 */
final class BreakpointHooks {

  private static final int MOST_UNUSED_HOOKS = 256;

  private final long engine;
  private final UnicornLibrary.CodeHook callback;
  private final Map<Long, Long> hooks = new HashMap<>();
  private final Set<Long> breakpoints = new HashSet<>();

  BreakpointHooks(long engine, UnicornLibrary.CodeHook callback) {
    this.engine = engine;
    this.callback = callback;
  }

  boolean contains(long address) {
    return breakpoints.contains(address);
  }

  /** Returns whether translated code has to be dropped for the breakpoint to work. */
  boolean add(long address) {
    breakpoints.add(address);
    if (hooks.containsKey(address)) {
      return false;
    }
    dropUnusedHooks();
    try (Memory out = new Memory(Long.BYTES)) {
      check(
          "uc_hook_add",
          UnicornLibrary.uc_hook_add(
              engine,
              Pointer.nativeValue(out),
              UnicornLibrary.UC_HOOK_CODE,
              callback,
              0,
              address,
              address,
              0));
      hooks.put(address, out.getLong(0));
    }
    return true;
  }

  void remove(long address) {
    breakpoints.remove(address);
  }

  private void dropUnusedHooks() {
    if (hooks.size() - breakpoints.size() < MOST_UNUSED_HOOKS) {
      return;
    }
    hooks
        .entrySet()
        .removeIf(
            hook -> {
              if (breakpoints.contains(hook.getKey())) {
                return false;
              }
              UnicornLibrary.uc_hook_del(engine, hook.getValue());
              return true;
            });
  }
}
