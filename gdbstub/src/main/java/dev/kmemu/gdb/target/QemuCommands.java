package dev.kmemu.gdb.target;

import dev.kmemu.gdb.packet.ErrorCode;
import dev.kmemu.gdb.packet.QemuPacket;
import dev.kmemu.gdb.packet.Reply;

/**
 * Answers what QEMU has added, in QEMU's words. Of the flags for steps there is only the one that
 * is always set: nothing keeps interrupts or timers from a step.
 */
public final class QemuCommands {

  private static final int STEP_ENABLE = 1;

  private final MemorySpaces spaces;

  /** Creates the commands. */
  public QemuCommands(MemorySpaces spaces) {
    this.spaces = spaces;
  }

  /** Answers a packet. */
  public Reply answer(QemuPacket packet) {
    if (packet instanceof QemuPacket.Supported) {
      return new Reply.Data("sstepbits;sstep" + (spaces.hasPhysical() ? ";PhyMemMode" : ""));
    } else if (packet instanceof QemuPacket.StepBits) {
      return new Reply.Data("ENABLE=" + STEP_ENABLE);
    } else if (packet instanceof QemuPacket.Step) {
      return new Reply.Data("0x" + STEP_ENABLE);
    } else if (packet instanceof QemuPacket.SetStep set) {
      return setStep(set.flags());
    }
    return spaces.hasPhysical() ? physicalMode(packet) : new Reply.Unsupported();
  }

  private Reply physicalMode(QemuPacket packet) {
    if (packet instanceof QemuPacket.SetPhysicalMode set) {
      spaces.choose(set.on());
      return new Reply.Ok();
    }
    return new Reply.Data(spaces.isPhysical() ? "1" : "0");
  }

  private static Reply setStep(int flags) {
    if (flags == STEP_ENABLE) {
      return new Reply.Ok();
    }
    return new Reply.Failure(
        ErrorCode.INVALID,
        "sstep: 0x" + Integer.toHexString(flags) + "; the only flags are ENABLE=" + STEP_ENABLE);
  }
}
