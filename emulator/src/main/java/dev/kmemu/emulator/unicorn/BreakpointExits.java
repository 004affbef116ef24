package dev.kmemu.emulator.unicorn;

import static dev.kmemu.emulator.unicorn.UnicornLibrary.check;

import com.sun.jna.Memory;
import com.sun.jna.Pointer;
import java.util.HashSet;
import java.util.Set;
import java.util.function.LongConsumer;

/**
 * Breakpoints as the engine's exits: addresses before which translated code ends the run. They live
 * outside guest memory, so nobody sees them there and nobody overwrites them, and code without one
 * pays nothing.
 *
 * <p>A debugger takes its breakpoints out at every stop and puts them back before every run: only
 * what has changed from one run to the next costs anything.
 */
final class BreakpointExits {

  private final long engine;
  private final LongConsumer dropCode;
  private final Set<Long> wanted = new HashSet<>();
  private Set<Long> installed = new HashSet<>();

  /**
   * Starts with none.
   *
   * @param dropCode drops translated code of an address, because an exit is part of it
   */
  BreakpointExits(long engine, LongConsumer dropCode) {
    this.engine = engine;
    this.dropCode = dropCode;
  }

  boolean contains(long address) {
    return wanted.contains(address);
  }

  /** Whether the run that has just ended may have ended for a breakpoint at {@code address}. */
  boolean isInstalled(long address) {
    return installed.contains(address);
  }

  /** Drops translated code that still ends at an exit which isn't installed any more. */
  void drop(long address) {
    dropCode.accept(address);
  }

  void add(long address) {
    wanted.add(address);
  }

  void remove(long address) {
    wanted.remove(address);
  }

  /** Makes the next run end at every breakpoint. */
  void install() {
    install(new HashSet<>(wanted));
  }

  /** Makes the next run end at every breakpoint but the one at {@code address}. */
  void installBut(long address) {
    Set<Long> others = new HashSet<>(wanted);
    others.remove(address);
    install(others);
  }

  private void install(Set<Long> exits) {
    if (exits.equals(installed)) {
      return;
    }
    try (Memory addresses = new Memory(Math.max(1, exits.size()) * (long) Long.BYTES)) {
      int at = 0;
      for (long exit : exits) {
        addresses.setLong((long) at++ * Long.BYTES, exit);
      }
      check(
          "uc_ctl_set_exits",
          UnicornLibrary.uc_ctl(
              engine, UnicornLibrary.UC_CTL_EXITS, Pointer.nativeValue(addresses), exits.size()));
    }
    Set<Long> before = installed;
    installed = exits;
    before.stream().filter(address -> !exits.contains(address)).forEach(dropCode::accept);
    exits.stream().filter(address -> !before.contains(address)).forEach(dropCode::accept);
  }
}
