package dev.kmemu.gdb.session;

import dev.kmemu.emulator.debug.DebugTarget;
import dev.kmemu.gdb.target.RegisterLayout;
import dev.kmemu.gdb.target.TransferCommands;
import dev.kmemu.gdb.wire.FrameLimits;

/**
 * A machine with what all its sessions have in common, so that a connect doesn't make it anew.
 *
 * @param attachment which session holds the machine
 * @param layout the registers that it has
 * @param transfers the documents that it has
 */
record DebuggedTarget(
    DebugTarget target,
    FrameLimits limits,
    Attachment attachment,
    RegisterLayout layout,
    TransferCommands transfers) {

  /** Returns the machine with nobody attached. */
  static DebuggedTarget of(DebugTarget target, FrameLimits limits) {
    RegisterLayout layout = RegisterLayout.of(target);
    TransferCommands transfers = new TransferCommands(target, layout, limits);
    return new DebuggedTarget(target, limits, new Attachment(), layout, transfers);
  }
}
