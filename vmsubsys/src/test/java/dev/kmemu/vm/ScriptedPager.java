package dev.kmemu.vm;

import dev.kmemu.emulator.memory.PhysicalMemory;
import dev.kmemu.vm.kern.SleepQueue;
import dev.kmemu.vm.object.Pager;
import dev.kmemu.vm.object.PagerResult;
import dev.kmemu.vm.object.VmObject;
import dev.kmemu.vm.page.VmPage;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** Pages of one word each, in Java's memory, and any result that a test wants. */
final class ScriptedPager implements Pager {

  private record Key(VmObject object, long pindex) {}

  private final Map<Key, Long> contents = new HashMap<>();
  private final PhysicalMemory ram;
  private final SleepQueue sleepQueue;
  final List<VmObject> ended = new ArrayList<>();
  PagerResult result = PagerResult.OK;
  int reads;
  int writes;

  /** Makes reads sleep on this pager until {@link #go}. */
  boolean blocked;

  /** Runs in each read, while the map isn't locked, and in each write. */
  Runnable meanwhile = () -> {};

  ScriptedPager(TestKernel kernel) {
    this.ram = kernel.vm.ram();
    this.sleepQueue = kernel.vm.sleepQueue();
  }

  void put(VmObject object, long pindex, long word) {
    contents.put(new Key(object, pindex), word);
  }

  void go() {
    blocked = false;
    sleepQueue.wakeup(this);
  }

  @Override
  public boolean hasPage(VmObject object, long pindex) {
    return contents.containsKey(new Key(object, pindex));
  }

  @Override
  public PagerResult getPage(VmObject object, VmPage page) {
    reads++;
    meanwhile.run();
    while (blocked) {
      sleepQueue.sleep(this, "pager");
    }
    if (result == PagerResult.OK) {
      ram.zero(page.address(), TestKernel.PAGE);
      ram.store64(page.address(), contents.getOrDefault(new Key(object, page.pindex()), 0L));
      page.setValid(true);
    }
    return result;
  }

  @Override
  public PagerResult putPage(VmObject object, VmPage page) {
    writes++;
    meanwhile.run();
    if (result == PagerResult.OK) {
      put(object, page.pindex(), ram.load64(page.address()));
    }
    return result;
  }

  @Override
  public void freeSpace(VmObject object, long first, long count) {
    contents
        .keySet()
        .removeIf(
            key -> key.object() == object && key.pindex() >= first && key.pindex() < first + count);
  }

  @Override
  public void handOver(VmObject source, VmObject destination, long offset) {
    for (long i = 0; i < destination.size(); i++) {
      Long word = contents.get(new Key(source, i + offset));
      VmPage own = destination.residentPage(i);
      if (word != null && (own == null || own.valid() == 0)) {
        contents.putIfAbsent(new Key(destination, i), word);
      }
    }
    contents.keySet().removeIf(key -> key.object() == source);
  }

  @Override
  public void deallocate(VmObject object) {
    contents.keySet().removeIf(key -> key.object() == object);
    ended.add(object);
  }
}
