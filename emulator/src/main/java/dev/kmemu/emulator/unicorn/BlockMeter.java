package dev.kmemu.emulator.unicorn;

import com.sun.jna.Memory;
import com.sun.jna.Pointer;
import dev.kmemu.emulator.cpu.CodeMeter;
import java.util.HexFormat;

/**
 * Counts basic blocks by a hook that is machine code of its own: the way to Java for each block
 * would cost a hundred times more than the block.
 *
 * <p>The library calls the hook first and then looks at {@link CpuExits}'s counter, so a block that
 * is entered in vain would be counted twice. This code decides for both: it alone, on the CPU's
 * thread, moves the counter, and then doesn't count the block.
 */
final class BlockMeter implements CodeMeter, AutoCloseable {

  /**
   * In C, with {@code user} in RCX and {@code size} in EDX:
   *
   * <pre>
   * if (*user->counterHigh < 0) return;
   * if ((*user->request & 0x40) || user->executed >= user->alarm) {
   *   *user->request |= 0x40;
   *   *user->counterHigh = -1;
   * } else {
   *   user->executed += size;
   * }
   * </pre>
   */
  private static final byte[] CODE =
      HexFormat.of()
          .parseHex(
              "4c8b4118"
                  + "6641833800"
                  + "7c1b"
                  + "488b01"
                  + "4c8b4910"
                  + "41f60140"
                  + "750f"
                  + "483b4108"
                  + "7d09"
                  + "89d2"
                  + "4801d0"
                  + "488901"
                  + "c3"
                  + "41830940"
                  + "6641c700ffff"
                  + "c3");

  private static final int EXECUTED = 0;
  private static final int ALARM = 8;
  private static final int REQUEST = 16;
  private static final int COUNTER_HIGH = 24;
  private static final int SILENT = 32;
  private static final int BYTES = 40;
  private static final int UC_HOOK_BLOCK = 1 << 3;

  private final Memory state = new Memory(BYTES);
  private final CpuExits exits;
  private final ExecutableCode code = new ExecutableCode(CODE);

  BlockMeter(long engine, CpuExits exits) {
    this.exits = exits;
    state.setLong(SILENT, -1);
    state.setLong(EXECUTED, 0);
    state.setLong(ALARM, Long.MAX_VALUE);
    state.setLong(REQUEST, exits.requestAddress());
    state.setLong(COUNTER_HIGH, exits.counterHighAddress());
    NativeHook.add(engine, UC_HOOK_BLOCK, code.address(), state);
  }

  /** Sets whether somebody else counts and looks at the alarm: then the code finds a counter. */
  void setSilent(boolean silent) {
    state.setLong(
        COUNTER_HIGH, silent ? Pointer.nativeValue(state) + SILENT : exits.counterHighAddress());
  }

  /** Returns where the bytes executed are, followed by the alarm. */
  long stateAddress() {
    return Pointer.nativeValue(state);
  }

  @Override
  public long executedBytes() {
    return state.getLong(EXECUTED);
  }

  @Override
  public void setExecutedBytes(long bytes) {
    state.setLong(EXECUTED, bytes);
  }

  @Override
  public void setAlarm(long bytes) {
    state.setLong(ALARM, bytes);
  }

  @Override
  public void close() {
    code.close();
    state.close();
  }
}
