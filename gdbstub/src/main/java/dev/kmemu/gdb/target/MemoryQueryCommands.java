package dev.kmemu.gdb.target;

import dev.kmemu.emulator.debug.DebugTarget;
import dev.kmemu.emulator.debug.MemoryRange;
import dev.kmemu.emulator.debug.MemoryTransfer;
import dev.kmemu.gdb.packet.ErrorCode;
import dev.kmemu.gdb.packet.MemoryQueryPacket;
import dev.kmemu.gdb.packet.Reply;

/** Answers qCRC, qSearch:memory and qMemoryRegionInfo. */
public final class MemoryQueryCommands {

  /** How much is looked at for one packet, so that the debugger isn't left waiting: 256 MiB. */
  public static final long MOST_BYTES = 0x1000_0000;

  private static final int CHUNK = 0x1_0000;

  private final DebugTarget target;
  private final MemorySpaces spaces;
  private final long mostBytes;

  /**
   * Creates the commands.
   *
   * @param mostBytes the most that one packet may have looked at
   */
  public MemoryQueryCommands(DebugTarget target, MemorySpaces spaces, long mostBytes) {
    this.target = target;
    this.spaces = spaces;
    this.mostBytes = mostBytes;
  }

  /** Answers a packet; needs a paused CPU. */
  public Reply answer(MemoryQueryPacket packet) {
    if (packet instanceof MemoryQueryPacket.Checksum checksum) {
      return checksum(checksum.address().value(), checksum.length());
    } else if (packet instanceof MemoryQueryPacket.Search search) {
      return search(search);
    } else if (packet instanceof MemoryQueryPacket.RegionAt region) {
      return target
          .rangeAt(region.address())
          .<Reply>map(range -> new Reply.Data(text(range)))
          .orElseGet(Reply.Unsupported::new);
    }
    return new Reply.Unsupported();
  }

  private Reply checksum(long address, long length) {
    if (isRefused(address, length)) {
      return refusal("qCRC", address, length);
    }
    MemoryChecksum checksum = new MemoryChecksum();
    byte[] chunk = new byte[(int) Math.min(CHUNK, length)];
    for (long done = 0; done < length; ) {
      int size = (int) Math.min(chunk.length, length - done);
      MemoryTransfer transfer = spaces.chosen().read(address + done, chunk, 0, size);
      if (transfer.length() < size) {
        return fault(address + done, transfer);
      }
      checksum.add(chunk, size);
      done += size;
    }
    return new Reply.Data("C" + Integer.toHexString(checksum.value()));
  }

  /** Looks at a chunk and the pattern's length more, so that no place is missed between two. */
  private Reply search(MemoryQueryPacket.Search search) {
    if (isRefused(search.address().value(), search.length())) {
      return refusal("qSearch", search.address().value(), search.length());
    }
    byte[] pattern = search.pattern().bytes(0, search.pattern().length());
    byte[] chunk = new byte[CHUNK + pattern.length - 1];
    for (long done = 0; search.length() - done >= pattern.length; done += CHUNK) {
      int size = (int) Math.min(chunk.length, search.length() - done);
      long address = search.address().value() + done;
      MemoryTransfer transfer = spaces.chosen().read(address, chunk, 0, size);
      int found = indexOf(pattern, chunk, transfer.length());
      if (found >= 0) {
        return new Reply.Data("1," + Long.toHexString(address + found));
      }
      if (transfer.length() < size) {
        return fault(address, transfer);
      }
    }
    return new Reply.Data("0");
  }

  private static int indexOf(byte[] pattern, byte[] bytes, int length) {
    for (int i = 0; i <= length - pattern.length; i++) {
      int same = 0;
      while (same < pattern.length && bytes[i + same] == pattern[same]) {
        same++;
      }
      if (same == pattern.length) {
        return i;
      }
    }
    return -1;
  }

  /** A range of all addresses is one byte longer than a length can say. */
  private static String text(MemoryRange range) {
    long length = range.last().minus(range.start());
    length = length == -1 ? length : length + 1;
    String text =
        "start:"
            + Long.toHexString(range.start().value())
            + ";size:"
            + Long.toHexString(length)
            + ";";
    if (!range.mapped()) {
      return text;
    }
    return text
        + "permissions:r"
        + (range.writable() ? "w" : "")
        + (range.executable() ? "x" : "")
        + ";";
  }

  /** Whether there is too much to look at, or the addresses don't end below 2^64. */
  private boolean isRefused(long address, long length) {
    return Long.compareUnsigned(length, mostBytes) > 0
        || (length != 0 && Long.compareUnsigned(~address, length - 1) < 0);
  }

  private Reply refusal(String packet, long address, long length) {
    return new Reply.Failure(
        ErrorCode.INVALID,
        packet
            + ": 0x"
            + Long.toHexString(length)
            + " bytes at "
            + spaces.chosen().text(address)
            + "; ask for 0x"
            + Long.toHexString(mostBytes)
            + " at most, below 2^64");
  }

  private Reply fault(long address, MemoryTransfer transfer) {
    long at = address + transfer.length();
    String reason =
        transfer instanceof MemoryTransfer.Partial partial ? partial.reason() : "nothing moved";
    return new Reply.Failure(
        ErrorCode.FAULT, "can't read " + spaces.chosen().text(at) + ": " + reason);
  }
}
