package dev.kmemu.gdb.target;

import dev.kmemu.emulator.debug.DebugTarget;
import dev.kmemu.gdb.packet.ErrorCode;
import dev.kmemu.gdb.packet.Reply;
import dev.kmemu.gdb.packet.TransferPacket;
import dev.kmemu.gdb.wire.FrameLimits;
import java.util.List;
import java.util.Optional;

/** Answers qXfer for the documents that a target has. */
public final class TransferCommands {

  private static final String FEATURES = "features";
  private static final String THREADS = "threads";
  private static final String LIBRARIES = "libraries";
  private static final String MEMORY_MAP = "memory-map";

  /** A kernel's modules are no libraries that the stub knows of. */
  private static final String NO_LIBRARIES =
      "<?xml version=\"1.0\"?>\n<library-list version=\"1.0\"></library-list>\n";

  private final TargetDescription description;
  private final long ramBytes;
  private final int mostCharacters;

  /** Creates the commands; a piece is cut to half a packet, as escapes may double it. */
  public TransferCommands(DebugTarget target, RegisterLayout layout, FrameLimits limits) {
    this.description = new TargetDescription(layout);
    this.ramBytes = target.ramBytes();
    this.mostCharacters = limits.packetBytes() / 2;
  }

  /** Returns the objects that can be read, as {@code qSupported} announces them. */
  public List<String> objects() {
    return ramBytes == 0
        ? List.of(FEATURES, THREADS, LIBRARIES)
        : List.of(FEATURES, THREADS, LIBRARIES, MEMORY_MAP);
  }

  /** Answers a packet. */
  public Reply answer(TransferPacket packet) {
    if (!(packet instanceof TransferPacket.Read read) || !objects().contains(read.object())) {
      return new Reply.Unsupported();
    }
    Optional<String> document = document(read.object(), read.annex());
    if (document.isEmpty()) {
      return new Reply.Failure(
          ErrorCode.INVALID, "qXfer: " + read.object() + " has no annex '" + read.annex() + "'");
    }
    return piece(document.get(), read.offset(), read.length());
  }

  private Optional<String> document(String object, String annex) {
    if (object.equals(FEATURES)) {
      return description.document(annex);
    }
    if (!annex.isEmpty()) {
      return Optional.empty();
    }
    return Optional.of(
        switch (object) {
          case THREADS -> ThreadCommands.XML;
          case LIBRARIES -> NO_LIBRARIES;
          default -> MemoryMap.of(ramBytes);
        });
  }

  private Reply piece(String document, int offset, int length) {
    if (offset > document.length()) {
      return new Reply.Failure(
          ErrorCode.INVALID,
          "qXfer: offset " + offset + " is past the document's " + document.length() + " bytes");
    }
    int rest = document.length() - offset;
    int size = Math.min(Math.min(length, mostCharacters), rest);
    char more = size < rest ? 'm' : 'l';
    return new Reply.Data(more + document.substring(offset, offset + size));
  }
}
