package dev.kmemu.gdb.packet;

/** Answers packets, one method for each family. */
public interface PacketVisitor {

  /** Answers g, G, p and P. */
  Reply registers(RegisterPacket packet);

  /** Answers m, M and X. */
  Reply memory(MemoryPacket packet);

  /** Answers Z and z. */
  Reply breakpoint(BreakpointPacket packet);

  /** Answers c, s, C, S and vCont. */
  Reply resume(ResumePacket packet);

  /** Answers H, T, qC and the thread list. */
  Reply thread(ThreadPacket packet);

  /** Answers ?, D, k, vKill and qAttached. */
  Reply life(LifePacket packet);

  /** Answers qSupported and what else the two sides settle at first. */
  Reply negotiation(NegotiationPacket packet);

  /** Answers qXfer. */
  Reply transfer(TransferPacket packet);

  /** Answers qRcmd. */
  Reply monitor(MonitorPacket packet);
}
