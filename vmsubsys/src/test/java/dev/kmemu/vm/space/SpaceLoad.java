package dev.kmemu.vm.space;

import static org.assertj.core.api.Assertions.assertThat;

import dev.kmemu.vm.kern.KernReturn;
import dev.kmemu.vm.kern.VmProt;
import dev.kmemu.vm.map.Inheritance;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.List;
import java.util.Random;

/**
 * One thread of a load on user address spaces. In spaces that all threads share it has a lane of
 * pages of its own; it forks private spaces from them, and again from those. What a fork got of the
 * lanes of others it finds out when it comes to it: from the first half of each lane a copy, which
 * nobody else can change any more; from the second half perhaps memory that is still shared.
 */
public final class SpaceLoad {

  /** How many pages a thread has in a shared space. */
  public static final int LANE = 32;

  private static final int MOST_PROCESSES = 5;
  private static final int MOST_PAGES = 10;
  private static final int MOST_STORES = 4;
  private static final int MOST_LOCKED = 12;
  private static final int RW = VmProt.READ | VmProt.WRITE;
  private static final int PAGE_SHIFT = 32;
  private static final int THREAD_SHIFT = 56;

  private record Holding(ModelledSpace space, BitSet unknown, boolean isShared) {}

  private final int thread;
  private final Random random;
  private final List<Holding> processes = new ArrayList<>();
  private final int sharedSpaces;
  private long stamps;

  /**
   * Creates the load of a thread.
   *
   * @param shared spaces of at least {@code (thread + 1) * LANE} pages, in which the thread's lane
   *     is empty
   */
  public SpaceLoad(List<ModelledSpace> shared, int thread, long seed) {
    this.thread = thread;
    this.random = new Random(seed);
    shared.forEach(space -> processes.add(new Holding(space.view(), new BitSet(), true)));
    sharedSpaces = shared.size();
  }

  /** Does one operation. */
  public void step() {
    Holding process = processes.get(random.nextInt(processes.size()));
    int first = process.isShared() ? thread * LANE : 0;
    int pages = process.isShared() ? LANE : process.space().pages();
    int from = first + random.nextInt(pages);
    int to = Math.min(from + 1 + random.nextInt(MOST_PAGES), first + pages);
    int choice = random.nextInt(100);
    if (choice >= 90) {
      changeProcesses(process, choice);
      return;
    }
    discover(process, from, to);
    ModelledSpace space = process.space();
    if (choice < 22) {
      space.load(from);
    } else if (choice < 44) {
      for (int i = from; i < Math.min(to, from + MOST_STORES); i++) {
        space.store(i, stamp(i));
      }
    } else if (choice < 58) {
      space.map(from, to, RW);
    } else if (choice < 64) {
      space.unmap(from, to);
    } else if (choice < 73) {
      space.protect(from, to, protection());
    } else if (choice < 79) {
      inherit(space, from, to);
    } else if (choice < 87) {
      lock(space, from, to);
    } else {
      wire(space, from, to);
    }
  }

  /** Ends all private spaces, and unmaps the lanes of the shared ones. */
  public void end() {
    while (processes.size() > sharedSpaces) {
      processes.remove(processes.size() - 1).space().free();
    }
    processes.forEach(process -> process.space().unmap(thread * LANE, (thread + 1) * LANE));
  }

  private int protection() {
    return switch (random.nextInt(6)) {
      case 0 -> VmProt.NONE;
      case 1, 2 -> VmProt.READ;
      default -> RW;
    };
  }

  private void inherit(ModelledSpace space, int from, int to) {
    for (int i = from; i < to; i++) {
      Inheritance kept = isInSharedHalf(i) ? Inheritance.SHARE : Inheritance.COPY;
      space.inherit(i, i + 1, random.nextInt(5) == 0 ? Inheritance.NONE : kept);
    }
  }

  private static boolean isInSharedHalf(int page) {
    return page % LANE >= LANE / 2;
  }

  /** Locks pages that can be read, or unlocks some where enough are locked. */
  private void lock(ModelledSpace space, int from, int to) {
    if (lockedPages() > MOST_LOCKED || random.nextInt(3) == 0) {
      space.unlock(from, to);
      for (int i = 0; i < space.pages(); i++) {
        ModelPage page = space.page(i);
        if (page != null && page.isLocked()) {
          space.unlock(i, i + 1);
        }
      }
      return;
    }
    for (int i = from; i < to; i++) {
      ModelPage page = space.page(i);
      if (page != null && page.protection() == VmProt.NONE) {
        space.protect(i, i + 1, VmProt.READ);
      }
    }
    space.lock(from, to);
  }

  private int lockedPages() {
    int locked = 0;
    for (Holding process : processes) {
      for (int i = 0; i < process.space().pages(); i++) {
        ModelPage page = process.space().page(i);
        locked += page != null && page.isLocked() ? 1 : 0;
      }
    }
    return locked;
  }

  private void wire(ModelledSpace space, int from, int to) {
    int end = from;
    while (end < to) {
      ModelPage page = space.page(end);
      if (page == null || !page.isWriteable()) {
        break;
      }
      end++;
    }
    if (end > from) {
      space.wired(from, end, () -> space.load(from));
    }
  }

  private void changeProcesses(Holding process, int choice) {
    boolean crowded = processes.size() == sharedSpaces + MOST_PROCESSES;
    if (!crowded && choice < 96) {
      ModelledSpace child = choice == 95 ? process.space().unshare() : process.space().fork();
      BitSet unknown = (BitSet) process.unknown().clone();
      if (process.isShared()) {
        unknown.set(0, child.pages());
        unknown.clear(thread * LANE, (thread + 1) * LANE);
      }
      processes.add(new Holding(child, unknown, false));
    } else if (!process.isShared()) {
      processes.remove(process);
      if (choice == 99) {
        processes.add(new Holding(process.space().exec(), new BitSet(), false));
      } else {
        process.space().free();
      }
    }
  }

  private void discover(Holding process, int from, int to) {
    for (int i = from; i < to; i++) {
      if (process.unknown().get(i)) {
        process.unknown().clear(i);
        discover(process.space(), i);
      }
    }
  }

  private void discover(ModelledSpace space, int page) {
    KernReturn result = space.peek(page);
    if (result == KernReturn.PROTECTION_FAILURE) {
      space.protect(page, page + 1, VmProt.ALL);
      result = space.peek(page);
    }
    if (result == KernReturn.INVALID_ADDRESS) {
      return;
    }
    assertThat(result).as("first load of page %d of %s", page, space).isEqualTo(KernReturn.SUCCESS);
    long word = space.word();
    if (word != 0) {
      assertThat(word & -(1L << PAGE_SHIFT))
          .as("page %d of %s holds 0x%x", page, space, word)
          .isEqualTo(mark(page / LANE, page));
    }
    if (isInSharedHalf(page)) {
      space.unmap(page, page + 1);
      return;
    }
    space.protect(page, page + 1, VmProt.ALL);
    space.assume(page, word);
    space.inherit(page, page + 1, Inheritance.COPY);
  }

  private long stamp(int page) {
    return mark(thread, page) | (++stamps & 0xFFFF_FFFFL);
  }

  private static long mark(int thread, int page) {
    return ((thread + 1L) << THREAD_SHIFT) | ((long) page << PAGE_SHIFT);
  }
}
