package dev.kmemu.gdb.session;

import dev.kmemu.emulator.cpu.Register;
import dev.kmemu.emulator.debug.DebugTarget;
import dev.kmemu.emulator.debug.ResumeKind;
import dev.kmemu.emulator.debug.StopReason;
import dev.kmemu.emulator.memory.VirtualAddress;
import dev.kmemu.gdb.packet.ErrorCode;
import dev.kmemu.gdb.packet.Packet;
import dev.kmemu.gdb.packet.Reply;
import dev.kmemu.gdb.packet.ResumePacket;
import dev.kmemu.gdb.target.BreakpointCommands;
import dev.kmemu.gdb.target.RegisterCommands;
import dev.kmemu.gdb.target.StopReplies;
import dev.kmemu.gdb.target.ThreadCommands;
import dev.kmemu.gdb.wire.FrameLimits;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * What one debugger does with the machine. Only for the connection's event loop; stops reach it
 * through {@link Connection#stopped}.
 */
final class Session {

  private final DebugTarget target;
  private final Attachment attachment;
  private final Connection connection;
  private final BreakpointCommands breakpoints;
  private final RegisterCommands registers;
  private final StopReplies stopReplies;
  private final Answers answers;

  private SessionState state = SessionState.CONNECTED;
  private StopReason lastStop = new StopReason.Interrupted();
  private Set<String> features = Set.of();

  /** Written by the event loop before a resume, read by the CPU's thread at the stop after it. */
  private final AtomicInteger resumes = new AtomicInteger();

  Session(DebugTarget target, Attachment attachment, FrameLimits limits, Connection connection) {
    this.target = target;
    this.attachment = attachment;
    this.connection = connection;
    this.breakpoints = new BreakpointCommands(target);
    this.registers = new RegisterCommands(target);
    this.stopReplies = new StopReplies(registers, breakpoints);
    this.answers = new Answers(this, target, limits, registers, breakpoints);
  }

  SessionState state() {
    return state;
  }

  /** Whether the debugger reads {@code E.reason}. */
  boolean readsErrorText() {
    return features.contains(Announcement.ERROR_MESSAGE);
  }

  /**
   * Takes the machine and pauses its CPU.
   *
   * @return why that can't be, or empty
   */
  Optional<String> attach() {
    if (!attachment.take(this)) {
      return Optional.of("another debugger is connected; detach it first");
    }
    try {
      StopReason reason = target.attach(this::stopped);
      lastStop = reason;
      become(stateFor(reason));
      return Optional.empty();
    } catch (IllegalStateException e) {
      attachment.giveBack(this);
      become(SessionState.DETACHED);
      return Optional.of(String.valueOf(e.getMessage()));
    }
  }

  /** Answers a packet. What fails is answered too: the session lives on. */
  Reply answer(Packet packet) {
    if (!state.isAttached()) {
      return busy("detached; connect again");
    }
    if (packet.needsPausedCpu() && state == SessionState.RUNNING) {
      return busy("the CPU is running; interrupt it first");
    }
    try {
      return packet.accept(answers);
    } catch (RuntimeException e) {
      return new Reply.Failure(ErrorCode.FAILED, String.valueOf(e.getMessage()));
    }
  }

  /** Asks a running CPU to stop; a stopped one has said so already. */
  void interrupt() {
    if (state == SessionState.RUNNING) {
      target.interrupt();
    }
  }

  /**
   * Takes note of a stop.
   *
   * @param resume the number of the resume that it belongs to
   * @return what to tell the debugger, when it waits for that
   */
  Optional<Reply> stopped(int resume, StopReason reason) {
    boolean ended = reason instanceof StopReason.Exited;
    if (!state.isAttached() || (resume != resumes.get() && !ended)) {
      return Optional.empty();
    }
    boolean awaited = state == SessionState.RUNNING;
    if (awaited || ended) {
      lastStop = reason;
      become(stateFor(reason));
    }
    return awaited ? Optional.of(whyStopped()) : Optional.empty();
  }

  /** Lets go of the machine, which runs on. Harmless when repeated. */
  void end() {
    boolean attached = state.isAttached();
    become(SessionState.DETACHED);
    if (attached) {
      try {
        target.detach();
      } finally {
        attachment.giveBack(this);
      }
    }
  }

  void kill() {
    target.kill();
    end();
  }

  void offer(Set<String> offered) {
    features = offered;
  }

  void stopAcknowledging() {
    connection.stopAcknowledging();
  }

  Reply whyStopped() {
    return new Reply.Stop(stopReplies.of(lastStop, features));
  }

  Reply resume(ResumePacket packet) {
    if (packet instanceof ResumePacket.Resume one) {
      return resume(one.kind(), one.address());
    } else if (packet instanceof ResumePacket.ResumeThreads threads) {
      return threads.actions().stream()
          .filter(action -> action.thread().includes(ThreadCommands.CPU))
          .findFirst()
          .map(action -> resume(action.kind(), Optional.empty()))
          .orElseGet(
              () ->
                  new Reply.Failure(
                      ErrorCode.NO_THREAD,
                      "vCont: no action is for thread " + ThreadCommands.CPU + ", the CPU"));
    }
    return new Reply.Data("vCont;c;C;s;S");
  }

  private Reply resume(ResumeKind kind, Optional<VirtualAddress> address) {
    if (state == SessionState.ENDED) {
      return whyStopped();
    }
    address.ifPresent(this::jump);
    resumes.incrementAndGet();
    become(SessionState.RUNNING);
    try {
      target.resume(kind);
    } catch (RuntimeException e) {
      become(SessionState.STOPPED);
      throw e;
    }
    return new Reply.Deferred();
  }

  private void jump(VirtualAddress address) {
    byte[] rip =
        ByteBuffer.allocate(Long.BYTES)
            .order(ByteOrder.LITTLE_ENDIAN)
            .putLong(address.value())
            .array();
    target.writeRegister(Register.RIP, rip, 0);
  }

  /** Called on the CPU's thread. */
  private void stopped(StopReason reason) {
    connection.stopped(resumes.get(), reason);
  }

  private void become(SessionState next) {
    if (next != state && !state.mayBecome(next)) {
      throw new IllegalStateException("a session that is " + state + " can't become " + next);
    }
    state = next;
  }

  private static SessionState stateFor(StopReason reason) {
    return reason instanceof StopReason.Exited ? SessionState.ENDED : SessionState.STOPPED;
  }

  private static Reply busy(String reason) {
    return new Reply.Failure(ErrorCode.BUSY, reason);
  }
}
