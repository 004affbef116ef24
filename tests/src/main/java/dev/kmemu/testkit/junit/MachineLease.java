package dev.kmemu.testkit.junit;

import dev.kmemu.emulator.snapshot.SnapshotException;
import dev.kmemu.testkit.gdb.Gdb;
import dev.kmemu.testkit.guest.TestMachine;
import dev.kmemu.vm.check.Violation;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** A machine for the time of one test. Used by the test's thread. */
final class MachineLease {

  private final MachinePool pool;
  private final TestSettings settings;
  private final TestMachine machine;
  private @Nullable Gdb gdb;

  MachineLease(MachinePool pool, TestSettings settings) {
    this.pool = pool;
    this.settings = settings;
    machine = pool.take(settings.configuration());
  }

  TestMachine machine() {
    return machine;
  }

  /** Returns a debugger that is attached; the same one when asked again. */
  Gdb gdb() {
    Gdb attached = gdb;
    if (attached == null) {
      attached = Gdb.attach(machine.machine().debugTarget());
      gdb = attached;
    }
    return attached;
  }

  /**
   * Returns the broken invariants, none when they aren't to be checked.
   *
   * @throws SnapshotException when a thread is still in the VM, naming it
   */
  List<Violation> violations() {
    if (!settings.checksInvariants()) {
      return List.of();
    }
    boolean unused = machine.machine().pause() != null;
    machine.vm().snapshots().requireAtRest();
    return machine.vm().check();
  }

  void end() {
    Gdb attached = gdb;
    gdb = null;
    try {
      if (attached != null) {
        attached.close();
      }
    } finally {
      pool.giveBack(machine);
    }
  }
}
