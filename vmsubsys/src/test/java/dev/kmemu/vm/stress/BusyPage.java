package dev.kmemu.vm.stress;

import dev.kmemu.emulator.memory.DirectMapping;
import dev.kmemu.emulator.memory.PhysicalAddress;
import dev.kmemu.emulator.memory.PhysicalMemory;
import dev.kmemu.vm.kern.SleepQueue;
import dev.kmemu.vm.kern.Token;
import dev.kmemu.vm.kern.VmStats;
import dev.kmemu.vm.page.PageArray;
import dev.kmemu.vm.page.PageMappings;
import dev.kmemu.vm.page.PageQueues;
import dev.kmemu.vm.page.PageShortage;
import dev.kmemu.vm.page.PageState;
import dev.kmemu.vm.page.VmPage;
import org.openjdk.jcstress.annotations.Actor;
import org.openjdk.jcstress.annotations.Arbiter;
import org.openjdk.jcstress.annotations.Expect;
import org.openjdk.jcstress.annotations.JCStressTest;
import org.openjdk.jcstress.annotations.Outcome;
import org.openjdk.jcstress.annotations.State;
import org.openjdk.jcstress.infra.results.III_Result;

/** A busy page has one owner, who needs no token; the other sleeps until it is over. */
@JCStressTest
@Outcome(id = "1, 1, 2", expect = Expect.ACCEPTABLE, desc = "one owner after the other")
@Outcome(expect = Expect.FORBIDDEN, desc = "two owners at once, or a page that stays busy")
@State
public class BusyPage {

  private static final long PAGE = 4096;
  private static final PhysicalMemory RAM = new PhysicalMemory(new DirectMapping(4 * PAGE));

  private final Token token = new Token("vm_token", 0);
  private final VmStats stats = new VmStats();
  private final SleepQueue sleepQueue = new SleepQueue();
  private final PageState pages =
      new PageState(
          stats,
          new PageQueues(stats),
          sleepQueue,
          new NoMappings(),
          RAM,
          new PageShortage(stats, sleepQueue));
  private final VmPage page =
      new PageArray(new PhysicalAddress(PAGE), new PhysicalAddress(2 * PAGE)).get(0);

  private int owners;
  private int uses;

  /** Owns the page for a while. */
  @Actor
  public void first(III_Result r) {
    r.r1 = use();
  }

  /** The same. */
  @Actor
  public void second(III_Result r) {
    r.r2 = use();
  }

  /** The page belongs to nobody in the end. */
  @Arbiter
  public void end(III_Result r) {
    r.r3 = page.isBusy() ? -1 : uses;
  }

  private int use() {
    token.get();
    boolean slept;
    do {
      slept = pages.sleepWhileBusy(page, "pgrbwt");
    } while (slept);
    pages.busy(page);
    token.release();

    owners++;
    int seen = owners;
    uses++;
    owners--;

    token.get();
    pages.wakeup(page);
    token.release();
    return seen;
  }

  private static final class NoMappings implements PageMappings {
    @Override
    public void removeAll(VmPage page) {}

    @Override
    public void strip(VmPage page) {}

    @Override
    public boolean isModified(VmPage page) {
      return false;
    }

    @Override
    public int tsReferenced(VmPage page) {
      return 0;
    }

    @Override
    public void protectRead(VmPage page) {}

    @Override
    public void flush() {}
  }
}
