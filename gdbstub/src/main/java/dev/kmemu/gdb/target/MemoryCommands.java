package dev.kmemu.gdb.target;

import dev.kmemu.emulator.debug.MemoryTransfer;
import dev.kmemu.gdb.packet.ErrorCode;
import dev.kmemu.gdb.packet.MemoryPacket;
import dev.kmemu.gdb.packet.Reply;
import dev.kmemu.gdb.wire.FrameLimits;
import dev.kmemu.gdb.wire.PayloadBuilder;

/** Answers m, x, M and X. A read gives what is readable from its start on. */
public final class MemoryCommands {

  private static final int FIRST_CAPACITY = 0x400;

  private final MemorySpaces spaces;
  private final int mostBytes;

  /** Where a read goes before it is sent; grows to the longest that was asked for. */
  private byte[] buffer = new byte[FIRST_CAPACITY];

  private boolean prefixed;

  /** Creates the commands; a read is cut to what fits a packet. */
  public MemoryCommands(MemorySpaces spaces, FrameLimits limits) {
    this.spaces = spaces;
    this.mostBytes = limits.packetBytes() / 2;
  }

  /** Answers a packet; needs a paused CPU. */
  public Reply answer(MemoryPacket packet) {
    if (packet instanceof MemoryPacket.Read read) {
      return read(read.address().value(), read.length());
    } else if (packet instanceof MemoryPacket.ReadBinary read) {
      return readBinary(read.address().value(), read.length());
    } else if (packet instanceof MemoryPacket.Write write) {
      return write(write.address().value(), write.data());
    }
    return new Reply.Unsupported();
  }

  /** Puts the {@code b} before binary data that a debugger wants who was told of {@code x}. */
  public void prefixBinary() {
    prefixed = true;
  }

  private Reply read(long address, long length) {
    if (length == 0) {
      return new Reply.Failure(
          ErrorCode.INVALID,
          "m: zero length at " + spaces.chosen().text(address) + "; ask for 1 byte or more");
    }
    MemoryTransfer transfer = fetch(address, length);
    int read = transfer.length();
    if (read == 0) {
      return fault("can't read ", address, transfer);
    }
    return new Reply.Data(new PayloadBuilder(2 * read).hex(buffer, 0, read).build());
  }

  /** A read of nothing is how lldb asks whether the stub has {@code x}. */
  private Reply readBinary(long address, long length) {
    if (length == 0) {
      return prefixed ? new Reply.Data("b") : new Reply.Ok();
    }
    MemoryTransfer transfer = fetch(address, length);
    int read = transfer.length();
    if (read == 0) {
      return fault("can't read ", address, transfer);
    }
    PayloadBuilder data = new PayloadBuilder(1 + read);
    if (prefixed) {
      data.put('b');
    }
    return new Reply.Data(data.put(buffer, 0, read).build());
  }

  private MemoryTransfer fetch(long address, long length) {
    int cut = cut(address, length);
    if (buffer.length < cut) {
      buffer = new byte[cut];
    }
    return spaces.chosen().read(address, buffer, 0, cut);
  }

  /** A write of nothing is how a debugger asks whether the stub has {@code X}. */
  private Reply write(long address, byte[] data) {
    if (data.length == 0) {
      return new Reply.Ok();
    }
    if (Long.compareUnsigned(~address, data.length - 1L) < 0) {
      return new Reply.Failure(
          ErrorCode.INVALID,
          data.length + " bytes at " + spaces.chosen().text(address) + " don't end below 2^64");
    }
    MemoryTransfer transfer = spaces.chosen().write(address, data, 0, data.length);
    if (transfer.length() < data.length) {
      return fault("can't write ", address + transfer.length(), transfer);
    }
    return new Reply.Ok();
  }

  /** Returns how much of {@code length} fits a packet and ends at the last address at most. */
  private int cut(long address, long length) {
    long cut = Long.compareUnsigned(length, mostBytes) < 0 ? length : mostBytes;
    long toLast = ~address;
    return (int) (Long.compareUnsigned(toLast, cut) < 0 ? toLast + 1 : cut);
  }

  private Reply fault(String what, long address, MemoryTransfer transfer) {
    String reason =
        transfer instanceof MemoryTransfer.Partial partial ? partial.reason() : "nothing moved";
    return new Reply.Failure(ErrorCode.FAULT, what + spaces.chosen().text(address) + ": " + reason);
  }
}
