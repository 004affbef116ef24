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
 * <p>The library looks at the exits when it translates, so translated code knows those of its time
 * and must be dropped when they change. A debugger takes its breakpoints out at every stop and puts
 * them back before every run: only what has changed from one run to the next costs anything. Code
 * that is traced by TF is translated apart, one instruction at a time, and has no exits.
 */
final class BreakpointExits {

  private static final int INITIAL_ROOM = 64;

  private final long engine;
  private final LongConsumer dropCode;
  private final Set<Long> wanted = new HashSet<>();

  /** What the library has been told. */
  private final Set<Long> written = new HashSet<>();

  /** What code that isn't traced ends at. */
  private final Set<Long> translated = new HashSet<>();

  private Memory addresses = new Memory(INITIAL_ROOM * (long) Long.BYTES);

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
    return written.contains(address);
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
    if (!written.equals(wanted)) {
      write(wanted);
    }
    translate();
  }

  /** Makes the next run end at no breakpoint. */
  void installNone() {
    if (!written.isEmpty()) {
      write(Set.of());
    }
    translate();
  }

  /** Makes the next run end at every breakpoint but the one at {@code address}. */
  void installBut(long address) {
    Set<Long> others = new HashSet<>(wanted);
    others.remove(address);
    if (!written.equals(others)) {
      write(others);
    }
    translate();
  }

  /** Lets the instruction at {@code address} be traced; {@link #install} ends it. */
  void installForTrace(long address) {
    if (written.contains(address)) {
      write(Set.of());
    }
  }

  /** Says that code which isn't traced was translated since {@link #installForTrace}. */
  void traceEscaped() {
    translated.clear();
  }

  private void translate() {
    if (translated.equals(written)) {
      return;
    }
    Set<Long> before = new HashSet<>(translated);
    translated.clear();
    translated.addAll(written);
    before.stream().filter(address -> !written.contains(address)).forEach(dropCode::accept);
    written.stream().filter(address -> !before.contains(address)).forEach(dropCode::accept);
  }

  private void write(Set<Long> exits) {
    if (exits.size() * (long) Long.BYTES > addresses.size()) {
      addresses.close();
      addresses = new Memory(2L * exits.size() * Long.BYTES);
    }
    int at = 0;
    for (long exit : exits) {
      addresses.setLong((long) at++ * Long.BYTES, exit);
    }
    check(
        "uc_ctl_set_exits",
        UnicornLibrary.uc_ctl(
            engine, UnicornLibrary.UC_CTL_EXITS, Pointer.nativeValue(addresses), exits.size()));
    if (exits != written) {
      written.clear();
      written.addAll(exits);
    }
  }
}
