package dev.kmemu.emulator.unicorn;

import dev.kmemu.emulator.cpu.InstructionCounter;
import dev.kmemu.emulator.cpu.TrapAction;
import org.jspecify.annotations.Nullable;

/**
 * The count of instructions as the hooks correct it. {@link InstructionHook} counts an instruction
 * before it is known whether it gets to its end, and doesn't see one that can't be fetched.
 */
final class CountedInstructions implements InstructionCounter, AutoCloseable {

  /** Turns the counting hook on and off, which takes a run that executes nothing. */
  interface Switch {
    void turn(InstructionHook hook, boolean on);
  }

  private final Switch turn;
  private @Nullable InstructionHook hook;
  private @Nullable BlockMeter meter;
  private boolean counting;
  private boolean hidesStops;

  CountedInstructions(Switch turn) {
    this.turn = turn;
  }

  /** Makes counting possible; idempotent. */
  void prepare(long engine, CpuExits exits, BlockMeter blocks) {
    if (hook == null) {
      meter = blocks;
      hook = new InstructionHook(engine, exits, blocks);
    }
  }

  private InstructionHook hook() {
    InstructionHook made = hook;
    if (made == null) {
      throw new IllegalStateException("instructions aren't counted");
    }
    return made;
  }

  @Override
  public void setCounting(boolean counts) {
    if (counts != counting) {
      counting = counts;
      hidesStops = false;
      hook().setTarget(Long.MAX_VALUE);
      hook().forgetLast();
      turn.turn(hook(), counts);
    }
  }

  @Override
  public boolean isCounting() {
    return counting;
  }

  @Override
  public long count() {
    return hook().count();
  }

  @Override
  public void setCount(long count) {
    hook().setCount(count);
  }

  @Override
  public void stopAt(long count) {
    hook().setTarget(count);
  }

  @Override
  public void setStopsHidden(boolean hidden) {
    hidesStops = hidden;
  }

  boolean hidesStops() {
    return counting && hidesStops;
  }

  long target() {
    return hook().target();
  }

  /** Lets the counting code look whether a watch was hit. */
  void lookAt(long hitAddress) {
    hook().lookAt(hitAddress);
  }

  /** Whether the CPU has got where the run is to end. */
  boolean isReached() {
    return counting && hook().count() >= hook().target();
  }

  /** Whether the instruction at {@code address}, which hasn't ended, has been counted. */
  boolean hasBegun(long address) {
    return counting && hook().isLast(address);
  }

  /** The instruction that was counted last begins anew. */
  void takeBack() {
    BlockMeter blocks = meter;
    if (counting && blocks != null) {
      hook().setCount(hook().count() - 1);
      blocks.setExecutedBytes(blocks.executedBytes() - InstructionHook.BYTES_EACH);
    }
  }

  /** Something was delivered to the guest that no instruction was counted for. */
  void delivered() {
    if (counting) {
      hook().setCount(hook().count() + 1);
    }
  }

  /** An exception was answered, of an instruction that had been counted or not. */
  void answered(TrapAction action, boolean begun) {
    if (action == TrapAction.DELIVERED && !begun) {
      delivered();
    } else if (action != TrapAction.DELIVERED && begun) {
      takeBack();
    } else {
      forgetLast();
    }
  }

  /** The next instruction is another one than was counted last, wherever it stands. */
  void forgetLast() {
    if (counting) {
      hook().forgetLast();
    }
  }

  @Override
  public void close() {
    if (hook != null) {
      hook.close();
    }
  }
}
