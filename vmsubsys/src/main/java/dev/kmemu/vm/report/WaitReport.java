package dev.kmemu.vm.report;

import dev.kmemu.vm.KernelVm;
import dev.kmemu.vm.kern.LockmgrLock;
import dev.kmemu.vm.kern.SleepQueue;
import dev.kmemu.vm.kern.Token;
import dev.kmemu.vm.map.VmMap;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;

/**
 * Who waits for whom: sleepers with their channels, tokens and map locks with their holders and
 * waiters. Takes no token and no map lock, so a kernel that is stuck can be asked; of one that runs
 * the lines needn't fit together.
 */
public final class WaitReport {

  private WaitReport() {}

  /** Returns the report, one fact on each line. */
  public static String of(KernelVm vm) {
    StringBuilder text = new StringBuilder();
    vm.panics().first().ifPresent(panic -> text.append(panic.details()));
    List<SleepQueue.Sleeper> sleepers = vm.sleepQueue().sleepers();
    for (SleepQueue.Sleeper s : sleepers) {
      text.append("thread ").append(s.thread()).append(" sleeps on ").append(s.channel());
      text.append(", ").append(s.wmesg()).append(", for ").append(seconds(s.nanos())).append('\n');
    }
    token(text, vm.tokens().vm());
    token(text, vm.tokens().vmobj());
    vm.maps().all().stream()
        .map(VmMap::lockHolders)
        .sorted(Comparator.comparing(LockmgrLock.Holders::lock))
        .forEach(holders -> lock(text, holders));
    return text.isEmpty() ? "nobody sleeps, holds a token or a map lock\n" : text.toString();
  }

  private static void token(StringBuilder text, Token token) {
    Thread holder = token.holder();
    if (holder != null) {
      text.append("token ").append(token).append(" held by ").append(holder.getName());
      String waiters =
          token.waiters().stream().map(Thread::getName).sorted().collect(Collectors.joining(", "));
      text.append(waiters.isEmpty() ? "" : ", wanted by " + waiters).append('\n');
    }
  }

  private static void lock(StringBuilder text, LockmgrLock.Holders lock) {
    if (lock.owner().isEmpty() && lock.readers() == 0 && lock.waiters().isEmpty()) {
      return;
    }
    text.append("map ").append(lock.lock());
    lock.owner().ifPresent(owner -> text.append(" locked by ").append(owner));
    if (lock.readers() > 0) {
      text.append(" locked shared by ").append(lock.readers());
      lock.lastReader().ifPresent(reader -> text.append(", last by ").append(reader));
    }
    for (LockmgrLock.Waiter waiter : lock.waiters()) {
      text.append(", wanted ").append(waiter.request()).append(" by ").append(waiter.thread());
      text.append(" for ").append(seconds(waiter.nanos()));
    }
    text.append('\n');
  }

  private static String seconds(long nanos) {
    return String.format(Locale.ROOT, "%.3f s", nanos / 1e9);
  }
}
