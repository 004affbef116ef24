package dev.kmemu.gdb.session;

import dev.kmemu.emulator.debug.DebugTarget;
import dev.kmemu.gdb.packet.BreakpointPacket;
import dev.kmemu.gdb.packet.ErrorCode;
import dev.kmemu.gdb.packet.HostPacket;
import dev.kmemu.gdb.packet.LifePacket;
import dev.kmemu.gdb.packet.MemoryPacket;
import dev.kmemu.gdb.packet.MemoryQueryPacket;
import dev.kmemu.gdb.packet.MonitorPacket;
import dev.kmemu.gdb.packet.NegotiationPacket;
import dev.kmemu.gdb.packet.PacketVisitor;
import dev.kmemu.gdb.packet.QemuPacket;
import dev.kmemu.gdb.packet.RegisterPacket;
import dev.kmemu.gdb.packet.Reply;
import dev.kmemu.gdb.packet.ResumePacket;
import dev.kmemu.gdb.packet.ThreadPacket;
import dev.kmemu.gdb.packet.TransferPacket;
import dev.kmemu.gdb.packet.WatchpointPacket;
import dev.kmemu.gdb.target.BreakpointCommands;
import dev.kmemu.gdb.target.HostCommands;
import dev.kmemu.gdb.target.MemoryCommands;
import dev.kmemu.gdb.target.MemoryQueryCommands;
import dev.kmemu.gdb.target.MemorySpaces;
import dev.kmemu.gdb.target.QemuCommands;
import dev.kmemu.gdb.target.RegisterCommands;
import dev.kmemu.gdb.target.ThreadCommands;
import dev.kmemu.gdb.target.TransferCommands;
import dev.kmemu.gdb.target.WatchpointCommands;
import dev.kmemu.gdb.wire.FrameLimits;
import java.util.Set;

/** Sends each family of packets to who answers it. */
final class Answers implements PacketVisitor {

  private final Session session;
  private final DebugTarget target;
  private final FrameLimits limits;
  private final RegisterCommands registers;
  private final BreakpointCommands breakpoints;
  private final WatchpointCommands watchpoints;
  private final MemoryCommands memory;
  private final MemoryQueryCommands memoryQueries;
  private final ThreadCommands threads;
  private final TransferCommands transfers;
  private final HostCommands host;
  private final QemuCommands qemu;

  Answers(
      Session session,
      DebuggedTarget debugged,
      RegisterCommands registers,
      BreakpointCommands breakpoints) {
    this.session = session;
    this.target = debugged.target();
    this.limits = debugged.limits();
    this.registers = registers;
    this.breakpoints = breakpoints;
    this.watchpoints = new WatchpointCommands(target);
    MemorySpaces spaces = new MemorySpaces(target);
    this.memory = new MemoryCommands(spaces, limits);
    this.memoryQueries = new MemoryQueryCommands(target, spaces, MemoryQueryCommands.MOST_BYTES);
    this.threads = new ThreadCommands(target);
    this.transfers = debugged.transfers();
    this.host = new HostCommands(debugged.layout(), registers);
    this.qemu = new QemuCommands(spaces);
  }

  @Override
  public Reply registers(RegisterPacket packet) {
    return registers.answer(packet);
  }

  @Override
  public Reply memory(MemoryPacket packet) {
    return memory.answer(packet);
  }

  @Override
  public Reply memoryQuery(MemoryQueryPacket packet) {
    return memoryQueries.answer(packet);
  }

  @Override
  public Reply watchpoint(WatchpointPacket packet) {
    return watchpoints.answer(packet);
  }

  @Override
  public Reply host(HostPacket packet) {
    return host.answer(packet, session.lastStop());
  }

  @Override
  public Reply qemu(QemuPacket packet) {
    return qemu.answer(packet);
  }

  @Override
  public Reply breakpoint(BreakpointPacket packet) {
    return breakpoints.answer(packet);
  }

  @Override
  public Reply thread(ThreadPacket packet) {
    return threads.answer(packet);
  }

  @Override
  public Reply transfer(TransferPacket packet) {
    return transfers.answer(packet);
  }

  @Override
  public Reply monitor(MonitorPacket packet) {
    return target
        .monitor()
        .<Reply>map(monitor -> new Reply.Console(monitor.execute(packet.line())))
        .orElseGet(Reply.Unsupported::new);
  }

  @Override
  public Reply negotiation(NegotiationPacket packet) {
    if (packet instanceof NegotiationPacket.Supported supported) {
      Set<String> features = supported.features();
      session.offer(features);
      Announcement offers = Announcement.of(target, features);
      if (offers.prefixesBinary()) {
        memory.prefixBinary();
      }
      return new Reply.Data(offers.text(limits, transfers.objects()));
    } else if (packet instanceof NegotiationPacket.StartNoAckMode) {
      session.stopAcknowledging();
    } else if (packet instanceof NegotiationPacket.NonStop mode) {
      session.setStopMode(mode.on() ? StopMode.NON_STOP : StopMode.ALL_STOP);
    }
    return new Reply.Ok();
  }

  @Override
  public Reply resume(ResumePacket packet) {
    return session.resume(packet);
  }

  @Override
  public Reply life(LifePacket packet) {
    if (packet instanceof LifePacket.WhyStopped) {
      return session.whyStopped();
    } else if (packet instanceof LifePacket.Attach attach) {
      return attach.process() == HostCommands.PROCESS
          ? session.whyStopped()
          : new Reply.Failure(
              ErrorCode.NO_THREAD,
              "no process "
                  + attach.process()
                  + "; the machine is process "
                  + HostCommands.PROCESS);
    } else if (packet instanceof LifePacket.NextStop) {
      return session.stopMode().nextStop();
    } else if (packet instanceof LifePacket.Interrupt) {
      session.interrupt();
      return new Reply.Ok();
    } else if (packet instanceof LifePacket.Detach) {
      session.end();
      return new Reply.Ok();
    } else if (packet instanceof LifePacket.IsAttached) {
      return new Reply.Data("1");
    }
    session.kill();
    return packet instanceof LifePacket.Kill ? new Reply.HangUp() : new Reply.Ok();
  }
}
