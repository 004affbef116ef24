package dev.kmemu.gdb.packet;

import java.util.HashSet;
import java.util.Set;

/** Packets by which the two sides learn what the other has. */
public sealed interface NegotiationPacket extends Packet {

  @Override
  default Reply accept(PacketVisitor visitor) {
    return visitor.negotiation(this);
  }

  /**
   * {@code qSupported:feature;...}.
   *
   * @param features the names that the debugger ended in {@code +}, without it
   */
  record Supported(Set<String> features) implements NegotiationPacket {

    /** Copies the set. */
    public Supported {
      features = Set.copyOf(features);
    }
  }

  /** {@code QStartNoAckMode}. */
  record StartNoAckMode() implements NegotiationPacket {}

  /** {@code qSymbol}: the debugger can look up symbols; the stub needs none. */
  record OfferSymbols() implements NegotiationPacket {}

  /** {@code QThreadEvents:0} or {@code 1}: CPUs neither come nor go, so there is none to tell. */
  record ThreadEvents() implements NegotiationPacket {}

  /** {@code QNonStop:0} or {@code 1}: whether stops are told by notifications. */
  record NonStop(boolean on) implements NegotiationPacket {
    @Override
    public boolean needsPausedCpu() {
      return true;
    }
  }

  /** Parses {@code QNonStop}. */
  static Packet nonStop(PacketReader in) throws MalformedPacketException {
    in.expect(':');
    boolean on = in.accept('1');
    if (!on && !in.accept('0')) {
      throw in.malformed("0 or 1");
    }
    in.expectEnd();
    return new NonStop(on);
  }

  /** Parses {@code qSupported}. */
  static Packet supported(PacketReader in) {
    Set<String> features = new HashSet<>();
    in.accept(':');
    while (!in.atEnd()) {
      String feature = in.textUpTo(';');
      if (feature.endsWith("+")) {
        features.add(feature.substring(0, feature.length() - 1));
      }
    }
    return new Supported(features);
  }

  /** Parses {@code QStartNoAckMode}. */
  static Packet startNoAckMode(PacketReader in) throws MalformedPacketException {
    in.expectEnd();
    return new StartNoAckMode();
  }

  /** Parses {@code qSymbol::}, the only form that comes when nothing is asked back. */
  static Packet offerSymbols(PacketReader in) throws MalformedPacketException {
    in.expect(':');
    in.expect(':');
    in.expectEnd();
    return new OfferSymbols();
  }

  /** Parses {@code QThreadEvents}. */
  static Packet threadEvents(PacketReader in) throws MalformedPacketException {
    in.expect(':');
    if (!in.accept('0') && !in.accept('1')) {
      throw in.malformed("0 or 1");
    }
    in.expectEnd();
    return new ThreadEvents();
  }
}
