package dev.kmemu.gdb.target;

import dev.kmemu.emulator.debug.DebugTarget;
import dev.kmemu.emulator.debug.Watchpoint;
import dev.kmemu.emulator.debug.Watchpoints;
import dev.kmemu.emulator.memory.VirtualAddress;
import dev.kmemu.gdb.packet.ErrorCode;
import dev.kmemu.gdb.packet.Reply;
import dev.kmemu.gdb.packet.WatchpointPacket;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Answers Z2, Z3, Z4 and their opposites. A debugger watches any bytes; the machine, like a CPU,
 * only aligned 1, 2, 4 or 8. What isn't such is watched in pieces, all of them or none.
 */
public final class WatchpointCommands {

  private final Optional<Watchpoints> watchpoints;

  /** How many of the debugger's watchpoints need each of the machine's. */
  private final Map<Watchpoint, Integer> users = new HashMap<>();

  private final Map<Region, List<Watchpoint>> planted = new HashMap<>();

  /** What a debugger asked for. */
  private record Region(Watchpoint.Kind kind, VirtualAddress address, int length) {

    /** Whether it doesn't end at the last address at most. */
    boolean wraps() {
      return Long.compareUnsigned(~address.value(), length - 1) < 0;
    }
  }

  /** Creates the commands for a target without watchpoints. */
  public WatchpointCommands(DebugTarget target) {
    this.watchpoints = target.watchpoints();
  }

  /** Answers a packet; needs a paused CPU. */
  public Reply answer(WatchpointPacket packet) {
    if (watchpoints.isEmpty()) {
      return new Reply.Unsupported();
    }
    if (packet instanceof WatchpointPacket.Insert insert) {
      return insert(
          watchpoints.get(), new Region(insert.kind(), insert.address(), insert.length()));
    } else if (packet instanceof WatchpointPacket.Remove remove) {
      remove(watchpoints.get(), new Region(remove.kind(), remove.address(), remove.length()));
    }
    return new Reply.Ok();
  }

  private Reply insert(Watchpoints machine, Region region) {
    if (planted.containsKey(region)) {
      return new Reply.Ok();
    }
    if (region.length() == 0 || region.wraps()) {
      return invalid(region, "isn't a range of addresses");
    }
    int most = machine.capacity();
    List<Watchpoint> pieces = pieces(region, most);
    long added = pieces.stream().filter(piece -> !users.containsKey(piece)).count();
    if (pieces.size() > most || users.size() + added > most) {
      return invalid(
          region,
          "needs more watchpoints than are left: the CPU has "
              + most
              + " of 1, 2, 4 or 8 aligned bytes, "
              + users.size()
              + " are in use");
    }
    List<Watchpoint> done = new ArrayList<>();
    try {
      for (Watchpoint piece : pieces) {
        use(machine, piece);
        done.add(piece);
      }
    } catch (RuntimeException e) {
      done.forEach(piece -> release(machine, piece));
      throw e;
    }
    planted.put(region, pieces);
    return new Reply.Ok();
  }

  private void remove(Watchpoints machine, Region region) {
    List<Watchpoint> pieces = planted.remove(region);
    if (pieces != null) {
      pieces.forEach(piece -> release(machine, piece));
    }
  }

  private void use(Watchpoints machine, Watchpoint piece) {
    if (!users.containsKey(piece)) {
      machine.insert(piece);
    }
    users.merge(piece, 1, Integer::sum);
  }

  private void release(Watchpoints machine, Watchpoint piece) {
    if (users.computeIfPresent(piece, (key, count) -> count == 1 ? null : count - 1) == null) {
      machine.remove(piece);
    }
  }

  /** Returns the fewest aligned pieces, but hardly more than {@code most}. */
  private static List<Watchpoint> pieces(Region region, int most) {
    List<Watchpoint> pieces = new ArrayList<>();
    int done = 0;
    while (done < region.length() && pieces.size() <= most) {
      VirtualAddress address = region.address().plus(done);
      int length = Math.min(Watchpoint.LONGEST, Integer.highestOneBit(region.length() - done));
      while ((address.value() & (length - 1)) != 0) {
        length >>= 1;
      }
      pieces.add(new Watchpoint(region.kind(), address, length));
      done += length;
    }
    return pieces;
  }

  private static Reply invalid(Region region, String problem) {
    return new Reply.Failure(
        ErrorCode.INVALID,
        "a watchpoint of " + region.length() + " bytes at " + region.address() + " " + problem);
  }
}
