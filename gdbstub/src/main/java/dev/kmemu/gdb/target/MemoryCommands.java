package dev.kmemu.gdb.target;

import dev.kmemu.emulator.debug.DebugTarget;
import dev.kmemu.emulator.debug.MemoryTransfer;
import dev.kmemu.emulator.memory.VirtualAddress;
import dev.kmemu.gdb.packet.ErrorCode;
import dev.kmemu.gdb.packet.MemoryPacket;
import dev.kmemu.gdb.packet.Reply;
import dev.kmemu.gdb.wire.FrameLimits;
import dev.kmemu.gdb.wire.Hex;

/** Answers m, M and X. A read gives what is readable from its start on. */
public final class MemoryCommands {

  private final DebugTarget target;
  private final int mostBytes;

  /** Creates the commands; a read is cut to what fits a packet. */
  public MemoryCommands(DebugTarget target, FrameLimits limits) {
    this.target = target;
    this.mostBytes = limits.packetBytes() / 2;
  }

  /** Answers a packet; needs a paused CPU. */
  public Reply answer(MemoryPacket packet) {
    if (packet instanceof MemoryPacket.Read read) {
      return read(read.address(), read.length());
    } else if (packet instanceof MemoryPacket.Write write) {
      return write(write.address(), write.data());
    }
    return new Reply.Unsupported();
  }

  private Reply read(VirtualAddress address, long length) {
    if (length == 0) {
      return new Reply.Failure(
          ErrorCode.INVALID, "m: zero length at " + address + "; ask for 1 byte or more");
    }
    byte[] bytes = new byte[cut(address, length)];
    MemoryTransfer transfer = target.readMemory(address, bytes, 0, bytes.length);
    if (transfer.length() == 0) {
      return fault("can't read " + address, transfer);
    }
    return new Reply.Data(Hex.of(bytes, 0, transfer.length()));
  }

  /** A write of nothing is how a debugger asks whether the stub has {@code X}. */
  private Reply write(VirtualAddress address, byte[] data) {
    if (data.length == 0) {
      return new Reply.Ok();
    }
    if (cut(address, data.length) < data.length) {
      return new Reply.Failure(
          ErrorCode.INVALID, data.length + " bytes at " + address + " don't end below 2^64");
    }
    MemoryTransfer transfer = target.writeMemory(address, data, 0, data.length);
    if (transfer.length() < data.length) {
      return fault("can't write " + address.plus(transfer.length()), transfer);
    }
    return new Reply.Ok();
  }

  /** Returns how much of {@code length} fits a packet and ends at the last address at most. */
  private int cut(VirtualAddress address, long length) {
    long cut = Long.compareUnsigned(length, mostBytes) < 0 ? length : mostBytes;
    long toLast = ~address.value();
    return (int) (Long.compareUnsigned(toLast, cut) < 0 ? toLast + 1 : cut);
  }

  private static Reply fault(String what, MemoryTransfer transfer) {
    String reason =
        transfer instanceof MemoryTransfer.Partial partial ? partial.reason() : "nothing moved";
    return new Reply.Failure(ErrorCode.FAULT, what + ": " + reason);
  }
}
