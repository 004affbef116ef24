package dev.kmemu.vm.snapshot;

import dev.kmemu.emulator.snapshot.SnapshotException;
import dev.kmemu.vm.KernelVm;
import dev.kmemu.vm.kern.LockmgrLock;
import dev.kmemu.vm.kern.Token;
import dev.kmemu.vm.map.VmMap;
import java.util.List;
import java.util.stream.Collectors;

/** Whether a kernel VM is at rest: no call in progress, nobody asleep in one. */
final class Quiescence {

  private static final String WAY_OUT = ": let it finish, or end it, and try again";

  private Quiescence() {}

  /**
   * Throws unless the VM is at rest.
   *
   * @throws SnapshotException naming the thread, and what it does
   */
  static void require(KernelVm vm) {
    requireFree(vm.tokens().vm());
    requireFree(vm.tokens().vmobj());
    var sleepers = vm.sleepQueue().sleepers();
    if (!sleepers.isEmpty()) {
      throw new SnapshotException(
          "the kernel VM isn't at rest: "
              + sleepers.stream()
                  .map(s -> s.thread() + " sleeps in " + s.wmesg() + " on " + s.channel())
                  .collect(Collectors.joining(", "))
              + WAY_OUT);
    }
    for (VmMap map : vm.maps().all()) {
      requireUnlocked(map.lockHolders());
    }
    if (vm.shortage().isRunning()) {
      throw new SnapshotException("the kernel VM isn't at rest: pages are being paged" + WAY_OUT);
    }
  }

  private static void requireFree(Token token) {
    Thread holder = token.holder();
    if (holder != null) {
      throw new SnapshotException(
          "the kernel VM isn't at rest: " + holder.getName() + " holds " + token + WAY_OUT);
    }
  }

  private static void requireUnlocked(LockmgrLock.Holders holders) {
    List<LockmgrLock.Waiter> waiters = holders.waiters();
    if (holders.owner().isEmpty() && holders.readers() == 0 && waiters.isEmpty()) {
      return;
    }
    String who =
        holders
            .owner()
            .or(holders::lastReader)
            .orElse(waiters.isEmpty() ? "a reader" : waiters.get(0).thread());
    throw new SnapshotException(
        "the kernel VM isn't at rest: "
            + who
            + (waiters.isEmpty() ? " holds" : " holds or waits for")
            + " the lock of "
            + holders.lock()
            + WAY_OUT);
  }
}
