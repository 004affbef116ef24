package dev.kmemu.gdb.packet;

import dev.kmemu.emulator.debug.ResumeKind;
import dev.kmemu.gdb.packet.BreakpointPacket.Kind;
import dev.kmemu.gdb.wire.Payload;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Recognizes packets. What isn't in its table has no name here and is answered empty. */
public final class PacketParser {

  /** Reads one packet's body. */
  @FunctionalInterface
  interface Grammar {
    Packet parse(PacketReader in) throws MalformedPacketException;
  }

  private static final Map<String, Grammar> GRAMMARS =
      Map.ofEntries(
          Map.entry("g", RegisterPacket::readAll),
          Map.entry("G", RegisterPacket::writeAll),
          Map.entry("p", RegisterPacket::read),
          Map.entry("P", RegisterPacket::write),
          Map.entry("m", MemoryPacket::read),
          Map.entry("M", MemoryPacket::writeHex),
          Map.entry("X", MemoryPacket::writeBinary),
          Map.entry("Z0", BreakpointPacket.insert(Kind.SOFTWARE)),
          Map.entry("Z1", BreakpointPacket.insert(Kind.HARDWARE)),
          Map.entry("z0", BreakpointPacket.remove(Kind.SOFTWARE)),
          Map.entry("z1", BreakpointPacket.remove(Kind.HARDWARE)),
          Map.entry("c", ResumePacket.resume(ResumeKind.CONTINUE)),
          Map.entry("s", ResumePacket.resume(ResumeKind.STEP)),
          Map.entry("C", ResumePacket.resumeWithSignal(ResumeKind.CONTINUE)),
          Map.entry("S", ResumePacket.resumeWithSignal(ResumeKind.STEP)),
          Map.entry("vCont?", ResumePacket::queryActions),
          Map.entry("vCont", ResumePacket::resumeThreads),
          Map.entry("H", ThreadPacket::select),
          Map.entry("T", ThreadPacket::isAlive),
          Map.entry("qC", ThreadPacket::current),
          Map.entry("qfThreadInfo", ThreadPacket::firstThreads),
          Map.entry("qsThreadInfo", ThreadPacket::moreThreads),
          Map.entry("?", LifePacket::whyStopped),
          Map.entry("D", LifePacket::detach),
          Map.entry("k", LifePacket::kill),
          Map.entry("vKill", LifePacket::killProcess),
          Map.entry("qAttached", LifePacket::isAttached),
          Map.entry("qSupported", NegotiationPacket::supported),
          Map.entry("QStartNoAckMode", NegotiationPacket::startNoAckMode),
          Map.entry("qSymbol", NegotiationPacket::offerSymbols),
          Map.entry("qXfer", TransferPacket::parse),
          Map.entry("qRcmd", MonitorPacket::parse));

  private PacketParser() {}

  /** Parses a payload; one that can't be is a packet that says so. */
  public static Packet parse(Payload payload) {
    String name = name(payload);
    @Nullable Grammar grammar = GRAMMARS.get(name);
    if (grammar == null) {
      return new Packet.Unrecognized();
    }
    try {
      return grammar.parse(new PacketReader(name, payload));
    } catch (MalformedPacketException e) {
      return new Packet.Malformed(String.valueOf(e.getMessage()));
    }
  }

  /** A name that begins in q, Q or v is a word, in Z or z it has a digit, else it is a letter. */
  private static String name(Payload payload) {
    if (payload.length() == 0) {
      return "";
    }
    int end =
        switch (payload.at(0)) {
          case 'q', 'Q', 'v' -> endOfWord(payload);
          case 'Z', 'z' -> Math.min(2, payload.length());
          default -> 1;
        };
    return payload.text(0, end);
  }

  private static int endOfWord(Payload payload) {
    for (int i = 1; i < payload.length(); i++) {
      int octet = payload.at(i);
      if (octet == ':' || octet == ';' || octet == ',') {
        return i;
      }
    }
    return payload.length();
  }
}
