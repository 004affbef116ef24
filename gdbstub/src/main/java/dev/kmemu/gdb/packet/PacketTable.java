package dev.kmemu.gdb.packet;

import static java.util.Map.entry;

import dev.kmemu.emulator.debug.ResumeKind;
import dev.kmemu.emulator.debug.Watchpoint;
import dev.kmemu.gdb.packet.PacketParser.Grammar;
import dev.kmemu.gdb.wire.Payload;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** The packets that the stub has, by name. The ones that come often are found without a lookup. */
final class PacketTable {

  /** A packet's name and how its body is read. */
  record Entry(String name, Grammar grammar) {}

  /** Packets whose name is one letter. */
  private static final Map<Character, Grammar> LETTERS =
      Map.ofEntries(
          entry('g', RegisterPacket::readAll),
          entry('G', RegisterPacket::writeAll),
          entry('p', RegisterPacket::read),
          entry('P', RegisterPacket::write),
          entry('m', MemoryPacket::read),
          entry('x', MemoryPacket::readBinary),
          entry('M', MemoryPacket::writeHex),
          entry('X', MemoryPacket::writeBinary),
          entry('c', ResumePacket.resume(ResumeKind.CONTINUE)),
          entry('s', ResumePacket.resume(ResumeKind.STEP)),
          entry('C', ResumePacket.resumeWithSignal(ResumeKind.CONTINUE)),
          entry('S', ResumePacket.resumeWithSignal(ResumeKind.STEP)),
          entry('H', ThreadPacket::select),
          entry('T', ThreadPacket::isAlive),
          entry('?', LifePacket::whyStopped),
          entry('D', LifePacket::detach),
          entry('k', LifePacket::kill));

  /** Packets whose name is a letter and a character. */
  private static final Map<String, Grammar> PAIRS =
      Map.ofEntries(
          entry("Z0", BreakpointPacket.insert(BreakpointPacket.Kind.SOFTWARE)),
          entry("Z1", BreakpointPacket.insert(BreakpointPacket.Kind.HARDWARE)),
          entry("Z2", WatchpointPacket.insert(Watchpoint.Kind.WRITE)),
          entry("Z3", WatchpointPacket.insert(Watchpoint.Kind.READ)),
          entry("Z4", WatchpointPacket.insert(Watchpoint.Kind.ACCESS)),
          entry("z0", BreakpointPacket.remove(BreakpointPacket.Kind.SOFTWARE)),
          entry("z1", BreakpointPacket.remove(BreakpointPacket.Kind.HARDWARE)),
          entry("z2", WatchpointPacket.remove(Watchpoint.Kind.WRITE)),
          entry("z3", WatchpointPacket.remove(Watchpoint.Kind.READ)),
          entry("z4", WatchpointPacket.remove(Watchpoint.Kind.ACCESS)),
          entry("bs", ResumePacket.backwards(ResumeKind.STEP)),
          entry("bc", ResumePacket.backwards(ResumeKind.CONTINUE)));

  /** Packets whose name is a word. */
  private static final Map<String, Grammar> WORDS =
      Map.ofEntries(
          entry("vCont?", ResumePacket::queryActions),
          entry("vCont", ResumePacket::resumeThreads),
          entry("qC", ThreadPacket::current),
          entry("qfThreadInfo", ThreadPacket::firstThreads),
          entry("qsThreadInfo", ThreadPacket::moreThreads),
          entry("qThreadExtraInfo", ThreadPacket::extraInfo),
          entry("QThreadEvents", NegotiationPacket::threadEvents),
          entry("vStopped", LifePacket::nextStop),
          entry("vCtrlC", LifePacket::interrupt),
          entry("vAttach", LifePacket::attach),
          entry("vKill", LifePacket::killProcess),
          entry("qAttached", LifePacket::isAttached),
          entry("qSupported", NegotiationPacket::supported),
          entry("QNonStop", NegotiationPacket::nonStop),
          entry("QStartNoAckMode", NegotiationPacket::startNoAckMode),
          entry("qSymbol", NegotiationPacket::offerSymbols),
          entry("qXfer", TransferPacket::parse),
          entry("qRcmd", MonitorPacket::parse),
          entry("qCRC", MemoryQueryPacket::checksum),
          entry("qSearch", MemoryQueryPacket::search),
          entry("qMemoryRegionInfo", MemoryQueryPacket::regionAt),
          entry("qHostInfo", HostPacket::hostInfo),
          entry("qProcessInfo", HostPacket::processInfo),
          entry("qRegisterInfo", HostPacket::registerInfo),
          entry("jThreadsInfo", HostPacket::threadsInfo),
          entry("qqemu.Supported", QemuPacket::supported),
          entry("qqemu.sstepbits", QemuPacket::stepBits),
          entry("qqemu.sstep", QemuPacket::step),
          entry("Qqemu.sstep", QemuPacket::setStep),
          entry("qqemu.PhyMemMode", QemuPacket::physicalMode),
          entry("Qqemu.PhyMemMode", QemuPacket::setPhysicalMode));

  /** A number follows these at once. */
  private static final String NUMBERED = "qRegisterInfo";

  private static final @Nullable Entry[] BY_LETTER = byLetter();

  private PacketTable() {}

  static @Nullable Entry find(Payload payload) {
    if (payload.length() == 0) {
      return null;
    }
    int first = payload.at(0);
    return switch (first) {
      case 'q', 'Q', 'v', 'j' -> named(WORDS, word(payload));
      case 'Z', 'z', 'b' -> named(PAIRS, payload.text(0, Math.min(2, payload.length())));
      default -> first < BY_LETTER.length ? BY_LETTER[first] : null;
    };
  }

  private static @Nullable Entry named(Map<String, Grammar> table, String name) {
    @Nullable Grammar grammar = table.get(name);
    return grammar == null ? null : new Entry(name, grammar);
  }

  private static String word(Payload payload) {
    int end = 1;
    while (end < payload.length() && !endsWord(payload.at(end))) {
      end++;
    }
    String word = payload.text(0, end);
    return word.startsWith(NUMBERED) ? NUMBERED : word;
  }

  private static boolean endsWord(int octet) {
    return octet == ':' || octet == ';' || octet == ',' || octet == '=';
  }

  private static @Nullable Entry[] byLetter() {
    @Nullable Entry[] entries = new Entry[0x80];
    LETTERS.forEach((name, grammar) -> entries[name] = new Entry(name.toString(), grammar));
    return entries;
  }
}
