package dev.kmemu.gdb.packet;

/** Answers packets, one method for each family. */
public interface PacketVisitor {

  /** Answers g, G, p and P. */
  Reply registers(RegisterPacket packet);

  /** Answers m, x, M and X. */
  Reply memory(MemoryPacket packet);

  /** Answers qCRC, qSearch and qMemoryRegionInfo. */
  Reply memoryQuery(MemoryQueryPacket packet);

  /** Answers Z0, Z1, z0 and z1. */
  Reply breakpoint(BreakpointPacket packet);

  /** Answers Z2 to Z4 and z2 to z4. */
  Reply watchpoint(WatchpointPacket packet);

  /** Answers c, s, C, S, vCont, bc and bs. */
  Reply resume(ResumePacket packet);

  /** Answers H, T, qC and the thread list. */
  Reply thread(ThreadPacket packet);

  /** Answers ?, D, k, vAttach, vKill and qAttached. */
  Reply life(LifePacket packet);

  /** Answers qSupported and what else the two sides settle at first. */
  Reply negotiation(NegotiationPacket packet);

  /** Answers qXfer. */
  Reply transfer(TransferPacket packet);

  /** Answers what only lldb asks. */
  Reply host(HostPacket packet);

  /** Answers what QEMU has added. */
  Reply qemu(QemuPacket packet);

  /** Answers qRcmd. */
  Reply monitor(MonitorPacket packet);
}
