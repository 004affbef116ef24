package dev.kmemu.testkit.junit;

import dev.kmemu.emulator.snapshot.SnapshotException;
import dev.kmemu.emulator.unicorn.UnicornException;
import dev.kmemu.emulator.unicorn.UnicornLoader;
import dev.kmemu.testkit.guest.MachineConfiguration;
import dev.kmemu.testkit.guest.TestMachine;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Iterator;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.extension.ExtensionConfigurationException;

/**
 * The booted machines of a JVM that no test has at the moment. JUnit closes it behind the last
 * test. Thread-safe: each of the tests that run at the same time has a machine of its own.
 */
final class MachinePool implements AutoCloseable {

  private static final int MOST_IDLE = 8;

  private final Deque<TestMachine> idle = new ArrayDeque<>();
  private boolean closed;

  /** Returns a machine as new, which {@link #giveBack} takes back. */
  TestMachine take(MachineConfiguration configuration) {
    TestMachine machine = takeIdle(configuration);
    if (machine == null) {
      return boot(configuration);
    }
    try {
      machine.reset();
      return machine;
    } catch (SnapshotException e) {
      // Somebody is still inside its VM: it is of no use any more.
      machine.close();
      return boot(configuration);
    }
  }

  private synchronized @Nullable TestMachine takeIdle(MachineConfiguration configuration) {
    for (Iterator<TestMachine> all = idle.iterator(); all.hasNext(); ) {
      TestMachine machine = all.next();
      if (machine.configuration().equals(configuration)) {
        all.remove();
        return machine;
      }
    }
    return null;
  }

  private static TestMachine boot(MachineConfiguration configuration) {
    try {
      return TestMachine.boot(UnicornLoader.load(), configuration);
    } catch (UnicornException e) {
      throw new ExtensionConfigurationException(NoLibrary.message(e), e);
    } catch (RuntimeException e) {
      throw new ExtensionConfigurationException(
          "a machine with " + configuration + " can't be made: " + e.getMessage(), e);
    }
  }

  /** Takes a machine back; the one that has been idle longest is closed when there are too many. */
  void giveBack(TestMachine machine) {
    TestMachine surplus = null;
    synchronized (this) {
      if (closed) {
        surplus = machine;
      } else {
        idle.addFirst(machine);
        surplus = idle.size() > MOST_IDLE ? idle.removeLast() : null;
      }
    }
    if (surplus != null) {
      surplus.close();
    }
  }

  @Override
  public synchronized void close() {
    closed = true;
    idle.forEach(TestMachine::close);
    idle.clear();
  }
}
