package dev.kmemu.campaign.pmap;

import dev.kmemu.campaign.guest.AccessType;
import dev.kmemu.campaign.pmap.PmapVerb.Operands;
import dev.kmemu.emulator.cpu.TrapFrame;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What DragonFly's pmap does, without page tables: which page is mapped where, with what rights,
 * and what the CPU has noted in A and M. It follows {@code pmap.c} to the letter, including what a
 * re-entered mapping forgets.
 */
final class PmapModel {

  /** The number of {@code kernel_pmap} among the spaces. */
  static final int KERNEL = Operands.KERNEL_PMAP;

  /** Stands for an access that succeeds. */
  static final int ALLOWED = -1;

  private final @Nullable ModelMapping[][] mappings =
      new @Nullable ModelMapping[KERNEL + 1][PmapAddresses.COUNT];
  private final int[] wired = new int[KERNEL + 1];
  private final int[] mapped = new int[KERNEL + 1];
  private final boolean[] live = new boolean[KERNEL + 1];
  private final List<ModelPage> pages;
  private int current = KERNEL;

  PmapModel(List<ModelPage> pages) {
    this.pages = List.copyOf(pages);
    live[KERNEL] = true;
  }

  ModelPage page(int number) {
    return pages.get(number);
  }

  boolean isLive(int space) {
    return live[space];
  }

  void setLive(int space, boolean alive) {
    live[space] = alive;
  }

  /** The space that the CPU is on. */
  int current() {
    return current;
  }

  void switchTo(int space) {
    current = space;
  }

  /** Mappings of a space that {@code pmap_enter} made and that are wired. */
  int wired(int space) {
    return wired[space];
  }

  /** Mappings of a space that {@code pmap_enter} made. */
  int mapped(int space) {
    return mapped[space];
  }

  @Nullable ModelMapping at(int space, int at) {
    return mappings[space][at];
  }

  /** Returns what the CPU, where it is now, finds at an address. */
  @Nullable ModelMapping visible(int at) {
    if (!PmapAddresses.isUser(at)) {
      return mappings[KERNEL][at];
    }
    return current == KERNEL ? null : mappings[current][at];
  }

  void enter(int space, int at, ModelPage page, boolean writable, boolean wire) {
    ModelMapping old = mappings[space][at];
    ModelMapping mapping = old;
    if (mapping == null || mapping.page != page) {
      remove(space, at);
      mapping = new ModelMapping(space, at, page, page.managed);
      mappings[space][at] = mapping;
      if (page.managed) {
        page.mappings.add(mapping);
      }
      mapped[space]++;
      mapping.accessed = true;
    } else if (mapping.writable != writable || mapping.wired != wire) {
      // A new entry takes the old one's place.
      page.dirty |= mapping.managed && mapping.modified;
      mapping.modified = false;
      mapping.accessed = true;
    }
    mapping.writable = writable;
    setWired(mapping, wire);
    page.writeable |= writable;
  }

  /** {@code pmap_remove} of one page; nothing where nothing is mapped. */
  void remove(int space, int at) {
    ModelMapping mapping = mappings[space][at];
    if (mapping == null) {
      return;
    }
    setWired(mapping, false);
    mapped[space]--;
    mappings[space][at] = null;
    if (mapping.managed) {
      mapping.page.remove(mapping);
    }
  }

  void withdrawWrite(int space, int at) {
    ModelMapping mapping = mappings[space][at];
    if (mapping != null) {
      mapping.writable = false;
      if (mapping.managed) {
        mapping.page.harvest(mapping);
        mapping.accessed = false;
        mapping.modified = false;
      }
    }
  }

  void setWired(ModelMapping mapping, boolean wire) {
    if (mapping.wired != wire) {
      mapping.wired = wire;
      wired[mapping.space] += wire ? 1 : -1;
    }
  }

  void removeAll(ModelPage page) {
    while (!page.mappings.isEmpty()) {
      ModelMapping first = page.mappings.get(0);
      remove(first.space, first.at);
    }
  }

  /** {@code pmap_kenter}: counted nowhere. */
  void kenter(int at, @Nullable ModelPage page) {
    ModelMapping mapping = page == null ? null : new ModelMapping(KERNEL, at, page, false);
    if (mapping != null) {
      mapping.writable = true;
    }
    mappings[KERNEL][at] = mapping;
  }

  /** Returns the error code that an access raises, or {@link #ALLOWED}. */
  static int outcome(@Nullable ModelMapping mapping, AccessType type, boolean user) {
    int cause =
        (user ? TrapFrame.PF_USER : 0)
            | (type == AccessType.STORE ? TrapFrame.PF_WRITE : 0)
            | (type == AccessType.FETCH ? TrapFrame.PF_FETCH : 0);
    if (mapping == null) {
      return cause;
    }
    boolean refused =
        (user && !mapping.isUser()) || (type == AccessType.STORE && !mapping.writable);
    return refused ? cause | TrapFrame.PF_PRESENT : ALLOWED;
  }

  /** Notes what the CPU notes of an access that succeeded. */
  static void note(ModelMapping mapping, AccessType type) {
    mapping.accessed = true;
    mapping.modified |= type == AccessType.STORE;
  }
}
