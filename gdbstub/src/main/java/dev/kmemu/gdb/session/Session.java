package dev.kmemu.gdb.session;

import dev.kmemu.emulator.debug.DebugTarget;
import dev.kmemu.emulator.debug.StopReason;
import dev.kmemu.gdb.agent.AgentLimits;
import dev.kmemu.gdb.packet.ErrorCode;
import dev.kmemu.gdb.packet.Motion;
import dev.kmemu.gdb.packet.Packet;
import dev.kmemu.gdb.packet.Reply;
import dev.kmemu.gdb.packet.ResumePacket;
import dev.kmemu.gdb.packet.StopReply;
import dev.kmemu.gdb.target.BreakpointCommands;
import dev.kmemu.gdb.target.RegisterCommands;
import dev.kmemu.gdb.target.RegisterLayout;
import dev.kmemu.gdb.target.StopReplies;
import dev.kmemu.gdb.target.ThreadCommands;
import java.util.Optional;
import java.util.Set;

/**
 * What one debugger does with the machine. Only for the connection's event loop; stops reach it
 * through {@link Connection#stopped}.
 */
final class Session {

  private final DebugTarget target;
  private final Attachment attachment;
  private final Connection connection;
  private final RegisterCommands registers;
  private final Execution execution;
  private final StopReplies stopReplies;
  private final Answers answers;

  private SessionState state = SessionState.CONNECTED;
  private StopReason lastStop = new StopReason.Interrupted();
  private Set<String> features = Set.of();
  private StopMode stopMode = StopMode.ALL_STOP;

  Session(DebuggedTarget debugged, Connection connection) {
    this.target = debugged.target();
    this.attachment = debugged.attachment();
    this.connection = connection;
    RegisterLayout layout = debugged.layout();
    BreakpointCommands breakpoints =
        new BreakpointCommands(target, layout, AgentLimits.DEFAULT, connection::print);
    registers = new RegisterCommands(target, layout);
    this.execution = new Execution(target, registers, breakpoints);
    this.stopReplies = new StopReplies(registers, breakpoints);
    this.answers = new Answers(this, debugged, registers, breakpoints);
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
    } catch (RuntimeException e) {
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
      return running();
    }
    try {
      return packet.accept(answers);
    } catch (RuntimeException e) {
      return failed(e);
    }
  }

  /** Asks a running CPU to stop; a stopped one has said so already. */
  void interrupt() {
    if (state == SessionState.RUNNING) {
      execution.interrupt();
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
    if (!state.isAttached() || (resume != execution.resumes() && !ended)) {
      return Optional.empty();
    }
    boolean awaited = state == SessionState.RUNNING;
    if (!awaited && !ended) {
      return Optional.empty();
    }
    try {
      StopReason stop = awaited ? execution.stopOrStepOn(reason) : reason;
      if (stop == null) {
        return Optional.empty();
      }
      note(stop);
    } catch (RuntimeException e) {
      note(reason);
      return Optional.of(failed(e));
    }
    return awaited ? Optional.of(stopMode.endOfRun(tryToSayWhyStopped())) : Optional.empty();
  }

  private void note(StopReason reason) {
    lastStop = reason;
    become(stateFor(reason));
  }

  /** Lets go of the machine, which runs on. Harmless when repeated. */
  void end() {
    letGo(target::detach);
  }

  /** Lets go of the machine as it is: its debugger is gone. Harmless when repeated. */
  void abandon() {
    letGo(
        () -> {
          attachment.abandon();
          target.disconnect();
        });
  }

  private void letGo(Runnable how) {
    boolean attached = state.isAttached();
    become(SessionState.DETACHED);
    if (attached) {
      try {
        how.run();
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

  private static Reply running() {
    return busy("the CPU is running; interrupt it first");
  }

  StopReason lastStop() {
    return lastStop;
  }

  Reply whyStopped() {
    if (state == SessionState.RUNNING) {
      return stopMode.isAllStop() ? running() : new Reply.Ok();
    }
    return new Reply.Stop(
        execution.wasStoppedByAction(lastStop)
            ? stopReplies.withoutSignal()
            : stopReplies.of(lastStop, execution.wasBackwards(), features));
  }

  StopMode stopMode() {
    return stopMode;
  }

  void setStopMode(StopMode mode) {
    stopMode = mode;
  }

  /** A debugger that waits for a stop must hear something, or it waits forever. */
  private Reply tryToSayWhyStopped() {
    try {
      return whyStopped();
    } catch (RuntimeException e) {
      return failed(e);
    }
  }

  Reply resume(ResumePacket packet) {
    if (packet instanceof ResumePacket.Resume one) {
      return resume(
          () -> {
            one.address().ifPresent(registers::jump);
            execution.resume(one.kind());
          });
    } else if (packet instanceof ResumePacket.ResumeThreads threads) {
      return threads.motionOf(ThreadCommands.CPU).map(this::move).orElseGet(this::resumeNone);
    } else if (packet instanceof ResumePacket.Backwards backwards) {
      if (!stopMode.isAllStop()) {
        return new Reply.Failure(
            ErrorCode.INVALID, "the CPU runs backwards in all-stop mode alone; set non-stop off");
      }
      return target
          .reverseExecution()
          .map(reverse -> resume(() -> execution.resumeBackwards(reverse, backwards.kind())))
          .orElseGet(Reply.Unsupported::new);
    }
    return new Reply.Data("vCont;c;C;s;S;r;t");
  }

  private Reply move(Motion motion) {
    if (motion instanceof Motion.Resume one) {
      return resume(() -> execution.resume(one.kind()));
    } else if (motion instanceof Motion.StepRange range) {
      return resume(() -> execution.stepThrough(range));
    } else if (state == SessionState.RUNNING) {
      stopMode.requestStop(execution);
      return stopMode.underWay();
    }
    return stopMode.isAllStop() ? whyStopped() : new Reply.Ok();
  }

  private Reply resumeNone() {
    if (features.contains(Announcement.NO_RESUMED)) {
      return new Reply.Stop(new StopReply.NoneResumed());
    }
    return new Reply.Failure(
        ErrorCode.NO_THREAD, "vCont: no action is for thread " + ThreadCommands.CPU + ", the CPU");
  }

  private Reply resume(Runnable start) {
    if (state == SessionState.ENDED) {
      return whyStopped();
    }
    become(SessionState.RUNNING);
    try {
      start.run();
    } catch (RuntimeException e) {
      become(SessionState.STOPPED);
      throw e;
    }
    return stopMode.underWay();
  }

  /** Called on the CPU's thread. */
  private void stopped(StopReason reason) {
    connection.stopped(execution.resumes(), reason);
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

  private static Reply failed(RuntimeException e) {
    return new Reply.Failure(ErrorCode.FAILED, String.valueOf(e.getMessage()));
  }

  private static Reply busy(String reason) {
    return new Reply.Failure(ErrorCode.BUSY, reason);
  }
}
