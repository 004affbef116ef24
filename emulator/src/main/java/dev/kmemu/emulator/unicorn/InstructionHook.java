package dev.kmemu.emulator.unicorn;

import static dev.kmemu.emulator.unicorn.UnicornLibrary.check;

import com.sun.jna.Memory;
import com.sun.jna.Pointer;
import java.util.HexFormat;

/**
 * Machine code before each instruction that counts it, or leaves the block as an exception would.
 * It does for {@link WatchHooks} what their own code before each instruction does: the way out is
 * found by the hook's return address, which lies in translated code only as long as there is a
 * single hook.
 */
final class InstructionHook implements AutoCloseable {

  /** What the meter takes an instruction for. */
  static final int BYTES_EACH = 4;

  /**
   * {@code uc_cb_hookcode_t}:
   *
   * <pre>
   * if (*user->restarted == user->cpu) {
   *   *user->restarted = 0;
   *   return;
   * } else if (*user->hit) {
   *   *user->hit = COMPLETE;
   * } else if (!(*user->request & 0x40) && user->count < user->target
   *     && user->meter->executed < user->meter->alarm) {
   *   user->count++;
   *   user->meter->executed += 4;
   *   user->last = address;
   *   return;
   * }
   * *user->request |= 0x40;
   * cpu_loop_exit_restore(user->cpu, return address);
   * </pre>
   */
  private static final String CODE =
      "488b41484c8b41104c3900750848c70000000000c3"
          + "488b0183380075344c8b410841f600407530488b4128483b41307d264c8b4920498b11493b51087d1948ffc0"
          + "488941284883c20449891148897138c3c700020000004c8b410841830840488b7910488b34244883ec08"
          + "ff5118cc";

  private static final int HIT = 0;
  private static final int REQUEST = 8;
  private static final int CPU = 16;
  private static final int LEAVE_FUNCTION = 24;
  private static final int METER = 32;
  private static final int COUNT = 40;
  private static final int TARGET = 48;
  private static final int LAST = 56;
  private static final int NO_HIT = 64;
  private static final int RESTARTED = 72;
  private static final int BYTES = 80;
  private static final long NOWHERE = -1;

  private final long engine;
  private final RestartedInstruction restarted;
  private final Memory state = new Memory(BYTES);
  private final ExecutableCode code;
  private long hook;

  /**
   * Prepares the code.
   *
   * @throws UnicornException when the host doesn't allow it or the library lacks a function
   */
  InstructionHook(long engine, CpuExits exits, BlockMeter meter) {
    this.engine = engine;
    this.restarted = new RestartedInstruction(exits.cpuAddress());
    state.clear();
    state.setLong(RESTARTED, restarted.address());
    state.setLong(HIT, Pointer.nativeValue(state) + NO_HIT);
    state.setLong(REQUEST, exits.requestAddress());
    state.setLong(CPU, exits.cpuAddress());
    state.setLong(LEAVE_FUNCTION, UnicornLibrary.function(WatchHooks.LEAVE));
    state.setLong(METER, meter.stateAddress());
    state.setLong(TARGET, Long.MAX_VALUE);
    state.setLong(LAST, NOWHERE);
    code = new ExecutableCode(HexFormat.of().parseHex(CODE));
  }

  /** Installs the hook; translated code must be dropped afterwards. */
  void install() {
    restarted.forget();
    hook = NativeHook.add(engine, UnicornLibrary.UC_HOOK_CODE, code.address(), state);
  }

  /** Removes the hook; it works until the end of the next run, and in code translated before. */
  void remove() {
    check("uc_hook_del", UnicornLibrary.uc_hook_del(engine, hook));
  }

  /** Looks at {@code hit} of {@link WatchHooks} from now on. */
  void lookAt(long hitAddress) {
    state.setLong(HIT, hitAddress);
  }

  long count() {
    return state.getLong(COUNT);
  }

  void setCount(long count) {
    state.setLong(COUNT, count);
    forgetLast();
  }

  long target() {
    return state.getLong(TARGET);
  }

  void setTarget(long target) {
    state.setLong(TARGET, target);
  }

  /** Whether the instruction at {@code address} is the one that was counted last. */
  boolean isLast(long address) {
    return state.getLong(LAST) == address;
  }

  void forgetLast() {
    state.setLong(LAST, NOWHERE);
  }

  @Override
  public void close() {
    code.close();
    state.close();
  }
}
