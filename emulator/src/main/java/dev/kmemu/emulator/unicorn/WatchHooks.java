package dev.kmemu.emulator.unicorn;

import static dev.kmemu.emulator.unicorn.UnicornLibrary.check;

import com.sun.jna.Callback;
import com.sun.jna.CallbackReference;
import com.sun.jna.Memory;
import com.sun.jna.Pointer;
import dev.kmemu.emulator.cpu.MemoryWatch;
import java.lang.ref.Reference;
import java.util.HexFormat;
import java.util.List;

/**
 * The machine code that sees each access to memory and stands before each instruction, while
 * something is watched.
 *
 * <p>The library calls a hook with the physical address just before an access, in the middle of a
 * block. Accesses whose offset in the page fits are shown to {@link Sieve}, in Java; when that says
 * that it was a hit, the code before the next instruction leaves the block as an exception would,
 * with the state whole, and the CPU comes out behind the instruction that made the access. It looks
 * at {@link CpuExits}'s request too.
 */
final class WatchHooks implements AutoCloseable {

  /** Looks at an access whose offset fits. */
  interface Sieve extends Callback {
    /** Takes a kind, {@link #READ} or {@link #WRITE}, a physical address and a size in bytes. */
    void invoke(int kind, long physical, int size);
  }

  static final int READ = 1;
  static final int WRITE = 2;

  /** Of a debugger; the guest may have as many as there are debug registers. */
  static final int CAPACITY = 4;

  /** Leaves a block from its middle. */
  static final String LEAVE = "cpu_loop_exit_restore_x86_64";

  /**
   * {@code uc_cb_hookmem_t}, in C, with a load across two pages followed by one of each:
   *
   * <pre>
   * kind = type - 15;
   * if (kind == READ) {
   *   if (user->parts) { user->parts--; return; }
   *   if ((address & 0xfff) + size > 0x1000) user->parts = 2;
   * }
   * for (watch in user->watches)
   *   if ((watch.kinds & kind)
   *       && ((address + size - 1 - watch.offset) & 0xfff) < watch.length + size - 1)
   *     return user->sieve(kind, address, size);
   * </pre>
   */
  private static final String ACCESS =
      "8d46f183f801752f458b51044585d2740841ffca45895104c34189d24181e2ff0f00004101ca4181fa00100000"
          + "760841c7410402000000458b59284d8d51304183eb01722841854208741c448d440aff452b024181e0ff"
          + "0f0000418b7a048d7c0fff4139f872074983c210ebd2c389c74889d689ca41ff6120";

  /**
   * {@code uc_cb_hookcode_t}:
   *
   * <pre>
   * if (*user->restarted == user->cpu) {
   *   *user->restarted = 0;
   *   return;
   * } else if (user->hit) {
   *   user->hit = COMPLETE;
   *   *user->request |= 0x40;
   * } else if (!(*user->request & 0x40)) {
   *   return;
   * }
   * cpu_loop_exit_restore(user->cpu, return address);
   * </pre>
   */
  private static final String INSTRUCTION =
      "488b81b00000004c8b41104c3900750848c70000000000c3"
          + "8b0185c0750a488b4108f60040750ec3c70102000000488b4108830840488b7910488b34244883ec08ff5118"
          + "cc";

  private static final int INSTRUCTION_OFFSET = 256;

  private static final int HIT = 0;
  private static final int REQUEST = 8;
  private static final int CPU = 16;
  private static final int LEAVE_FUNCTION = 24;
  private static final int SIEVE = 32;
  private static final int COUNT = 40;
  private static final int WATCHES = 48;
  private static final int WATCH_BYTES = 16;
  private static final int RESTARTED = WATCHES + (CAPACITY + GuestBreakpoints.COUNT) * WATCH_BYTES;
  private static final int BYTES = RESTARTED + Long.BYTES;
  private static final int PENDING = 1;
  private static final int COMPLETE = 2;
  private static final long NO_HOOK = 0;
  private static final int OFFSET_MASK = 0xFFF;

  private final long engine;
  private final Sieve sieve;
  private final RestartedInstruction restarted;
  private final Memory state = new Memory(BYTES);
  private final ExecutableCode code;
  private final long[] hooks = new long[2];
  private boolean installed;

  /**
   * Prepares the code.
   *
   * @throws UnicornException when the host doesn't allow it or the library lacks a function
   */
  WatchHooks(long engine, CpuExits exits, Sieve sieve) {
    this.engine = engine;
    this.sieve = sieve;
    this.restarted = new RestartedInstruction(exits.cpuAddress());
    state.clear();
    state.setLong(RESTARTED, restarted.address());
    state.setLong(REQUEST, exits.requestAddress());
    state.setLong(CPU, exits.cpuAddress());
    state.setLong(LEAVE_FUNCTION, UnicornLibrary.function(LEAVE));
    state.setPointer(SIEVE, CallbackReference.getFunctionPointer(sieve));
    byte[] access = HexFormat.of().parseHex(ACCESS);
    byte[] instruction = HexFormat.of().parseHex(INSTRUCTION);
    byte[] both = new byte[INSTRUCTION_OFFSET + instruction.length];
    System.arraycopy(access, 0, both, 0, access.length);
    System.arraycopy(instruction, 0, both, INSTRUCTION_OFFSET, instruction.length);
    code = new ExecutableCode(both);
  }

  boolean isInstalled() {
    return installed;
  }

  /**
   * Installs the hooks; translated code must be dropped afterwards. Where instructions are counted,
   * the code that counts them looks at hits too.
   */
  void install(CountedInstructions counted) {
    restarted.forget();
    hooks[0] =
        add(UnicornLibrary.UC_HOOK_MEM_READ | UnicornLibrary.UC_HOOK_MEM_WRITE, code.address());
    if (counted.isCounting()) {
      counted.lookAt(Pointer.nativeValue(state) + HIT);
      hooks[1] = NO_HOOK;
    } else {
      hooks[1] = add(UnicornLibrary.UC_HOOK_CODE, code.address() + INSTRUCTION_OFFSET);
    }
    installed = true;
  }

  /** Removes the hooks; they work until the end of the next run, and in code translated before. */
  void remove() {
    for (long hook : hooks) {
      if (hook != NO_HOOK) {
        check("uc_hook_del", UnicornLibrary.uc_hook_del(engine, hook));
      }
    }
    installed = false;
  }

  private long add(int type, long function) {
    return NativeHook.add(engine, type, function, state);
  }

  /** Shows accesses to the offsets of {@code watches} to the sieve. */
  void show(List<MemoryWatch> watches) {
    int at = WATCHES;
    for (MemoryWatch watch : watches) {
      state.setInt(at, (int) watch.address().value() & OFFSET_MASK);
      state.setInt(at + 4, watch.length());
      state.setInt(at + 8, (watch.reads() ? READ : 0) | (watch.writes() ? WRITE : 0));
      at += WATCH_BYTES;
    }
    state.setInt(COUNT, watches.size());
  }

  /** Makes the CPU come out behind the instruction that makes an access at this moment. */
  void hit() {
    state.setInt(HIT, PENDING);
  }

  /** Whether the instruction that hit has ended. */
  boolean isComplete() {
    return state.getInt(HIT) == COMPLETE;
  }

  /** Forgets a hit, and the parts of an access that was broken off, which are counted behind it. */
  void forget() {
    state.setLong(HIT, 0);
  }

  @Override
  public void close() {
    try {
      code.close();
      state.close();
    } finally {
      // The machine code holds no reference that the collector sees.
      Reference.reachabilityFence(sieve);
    }
  }
}
