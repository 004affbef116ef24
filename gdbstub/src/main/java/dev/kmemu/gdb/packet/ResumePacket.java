package dev.kmemu.gdb.packet;

import dev.kmemu.emulator.debug.ResumeKind;
import dev.kmemu.emulator.memory.VirtualAddress;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * Packets that let the CPU run. A signal to resume with is read and dropped: a machine has nobody
 * to deliver it to.
 */
public sealed interface ResumePacket extends Packet {

  @Override
  default Reply accept(PacketVisitor visitor) {
    return visitor.resume(this);
  }

  /** {@code vCont?}. */
  record QueryActions() implements ResumePacket {}

  /**
   * {@code c}, {@code s}, {@code C} or {@code S}.
   *
   * @param address where to resume, when it isn't where the CPU stands
   */
  record Resume(ResumeKind kind, Optional<VirtualAddress> address) implements ResumePacket {
    @Override
    public boolean needsPausedCpu() {
      return true;
    }
  }

  /** One action of {@code vCont}. */
  record Action(Motion motion, ThreadId thread) {}

  /**
   * {@code vCont;action[:thread-id]...}.
   *
   * @param actions the first that includes a thread is the one for it
   */
  record ResumeThreads(List<Action> actions) implements ResumePacket {

    /** Copies the list. */
    public ResumeThreads {
      actions = List.copyOf(actions);
    }

    /** Returns what {@code thread} is to do, when it is meant at all. */
    public Optional<Motion> motionOf(int thread) {
      return actions.stream()
          .filter(action -> action.thread().includes(thread))
          .findFirst()
          .map(Action::motion);
    }

    /** A running CPU can be stopped, nothing else. */
    @Override
    public boolean needsPausedCpu() {
      return !actions.stream().allMatch(action -> action.motion() instanceof Motion.Stop);
    }
  }

  /** {@code bc} or {@code bs}: back in time. */
  record Backwards(ResumeKind kind) implements ResumePacket {
    @Override
    public boolean needsPausedCpu() {
      return true;
    }
  }

  /** Parses {@code vCont?}. */
  static Packet queryActions(PacketReader in) throws MalformedPacketException {
    in.expectEnd();
    return new QueryActions();
  }

  /** Parses {@code c} and {@code s}. */
  static PacketParser.Grammar resume(ResumeKind kind) {
    return in -> {
      Optional<VirtualAddress> address = in.atEnd() ? Optional.empty() : Optional.of(in.address());
      in.expectEnd();
      return new Resume(kind, address);
    };
  }

  /** Parses {@code C} and {@code S}. */
  static PacketParser.Grammar resumeWithSignal(ResumeKind kind) {
    return in -> {
      in.count("a signal");
      Optional<VirtualAddress> address =
          in.accept(';') ? Optional.of(in.address()) : Optional.empty();
      in.expectEnd();
      return new Resume(kind, address);
    };
  }

  /** Parses {@code bc} and {@code bs}. */
  static PacketParser.Grammar backwards(ResumeKind kind) {
    return in -> {
      in.expectEnd();
      return new Backwards(kind);
    };
  }

  /** Parses {@code vCont}. */
  static Packet resumeThreads(PacketReader in) throws MalformedPacketException {
    List<Action> actions = new ArrayList<>();
    do {
      in.expect(';');
      Motion motion = Motion.read(in);
      ThreadId thread = in.accept(':') ? ThreadId.read(in) : new ThreadId(ThreadId.ALL);
      actions.add(new Action(motion, thread));
    } while (!in.atEnd());
    return new ResumeThreads(actions);
  }
}
