package dev.kmemu.emulator.unicorn;

import static dev.kmemu.emulator.unicorn.UnicornLibrary.check;

import com.sun.jna.Memory;
import com.sun.jna.Pointer;

/** Hooks that are machine code of our own: the library calls no Java for them. */
final class NativeHook {

  private NativeHook() {}

  /**
   * Adds a hook for all addresses; it is called in code that is translated from now on.
   *
   * @param type one of the library's {@code UC_HOOK_} constants
   * @param function the address of the code
   * @param state what it is given as its {@code user_data}
   * @return the hook
   */
  static long add(long engine, int type, long function, Memory state) {
    try (Memory out = new Memory(Long.BYTES)) {
      check(
          "uc_hook_add",
          UnicornLibrary.uc_hook_add(
              engine,
              Pointer.nativeValue(out),
              type,
              function,
              Pointer.nativeValue(state),
              1,
              0,
              0));
      return out.getLong(0);
    }
  }
}
