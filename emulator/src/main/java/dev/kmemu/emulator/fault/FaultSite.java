package dev.kmemu.emulator.fault;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/** The faults of one device, line or disk, which may come and go. From any thread. */
public final class FaultSite {

  /**
   * How far a fault is.
   *
   * @param fault the fault
   * @param occasions how many there have been
   */
  public record Progress(DeviceFault fault, long occasions) {}

  private volatile FaultTrigger[] triggers = {};

  /** Creates a site without faults. */
  public FaultSite() {}

  /** Creates a site with one fault. */
  FaultSite(DeviceFault fault) {
    add(fault);
  }

  /** Adds a fault, whose occasions begin now. */
  public void add(DeviceFault fault) {
    add(new Progress(fault, 0));
  }

  /** Adds a fault that goes on from where it was. */
  public synchronized void add(Progress progress) {
    FaultTrigger[] more = Arrays.copyOf(triggers, triggers.length + 1);
    more[triggers.length] = new FaultTrigger(progress.fault(), progress.occasions());
    triggers = more;
  }

  /** Takes all faults away. */
  public synchronized void clear() {
    triggers = new FaultTrigger[0];
  }

  /** Returns how far each fault is. */
  public List<Progress> progress() {
    List<Progress> list = new ArrayList<>();
    for (FaultTrigger trigger : triggers) {
      list.add(new Progress(trigger.fault(), trigger.occasions()));
    }
    return list;
  }

  /** Whether there are no faults. */
  boolean isQuiet() {
    return triggers.length == 0;
  }

  /** Whether one of the faults makes this occasion go wrong; each of them counts it. */
  boolean strikes(FaultKind kind, long at) {
    boolean any = false;
    for (FaultTrigger trigger : triggers) {
      any |= trigger.strikes(kind, at);
    }
    return any;
  }

  /** Returns {@code value} with the bits changed that the faults change. */
  long changed(long at, long value) {
    long seen = value;
    for (FaultTrigger trigger : triggers) {
      if (trigger.strikes(FaultKind.FLIP_READ, at)) {
        seen ^= trigger.fault().mask();
      } else if (trigger.strikes(FaultKind.SET_READ, at)) {
        seen |= trigger.fault().mask();
      }
    }
    return seen;
  }
}
