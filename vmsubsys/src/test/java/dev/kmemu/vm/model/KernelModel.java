package dev.kmemu.vm.model;

import dev.kmemu.vm.kern.VmArith;
import dev.kmemu.vm.kern.VmProt;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.NavigableMap;
import java.util.Objects;
import java.util.TreeMap;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/** The kernel's maps, and every page that somebody made in them. */
public final class KernelModel {

  private static final long PAGE = MapModel.PAGE;

  private final List<MapModel> maps = new ArrayList<>();
  private final NavigableMap<Long, PageModel> pages = new TreeMap<>(Long::compareUnsigned);

  KernelModel(MapModel kernelMap) {
    maps.add(kernelMap);
  }

  List<MapModel> maps() {
    return maps;
  }

  /** Returns the pages that exist, by address. */
  public NavigableMap<Long, PageModel> pages() {
    return pages;
  }

  long count(Predicate<PageModel> which) {
    return pages.values().stream().filter(which).count();
  }

  /** Returns how many pages belong to {@code kernel_object}. */
  long kernelObjectPages() {
    return pages.keySet().stream()
        .filter(va -> Objects.requireNonNull(find(va)).backing() == Backing.KERNEL_OBJECT)
        .count();
  }

  Collection<PageModel> pagesIn(long from, long to) {
    return pages.subMap(from, true, to, false).values();
  }

  /** Returns the interval that the kernel finds at {@code va}, in a submap if there is one. */
  @Nullable Interval find(long va) {
    Interval found = null;
    for (MapModel map : maps) {
      Interval at = map.at(va);
      if (at != null && at.backing() != Backing.SUBMAP) {
        found = at;
      }
    }
    return found;
  }

  long allocate(MapModel map, long size, Backing backing, long align, boolean wired) {
    long start = map.firstFit(size, align);
    if (start == MapModel.NONE) {
      return start;
    }
    Interval added = Interval.fresh(start, start + size, backing, wired ? 1 : 0);
    map.insert(added);
    if (backing == Backing.KERNEL_OBJECT) {
      map.clipAndChange(start, start + size, same -> same);
      for (long va = start; va != start + size; va += PAGE) {
        PageModel page = new PageModel();
        pages.put(va, page);
        if (wired) {
          page.enter(added);
        }
      }
    }
    return start;
  }

  /** Carves a map out of {@code parent}, or returns null without room. */
  @Nullable MapModel suballoc(MapModel parent, String name, long size, boolean system) {
    long start = allocate(parent, size, Backing.SUBMAP, PAGE, false);
    if (start == MapModel.NONE) {
      return null;
    }
    MapModel map = new MapModel(name, start, start + size, system);
    maps.add(map);
    return map;
  }

  void free(MapModel map, long from, long to) {
    map.delete(from, to);
    long first = VmArith.max(from, map.min);
    long end = VmArith.min(to, map.max);
    if (MapModel.below(first, end)) {
      pagesIn(first, end).clear();
    }
  }

  /** Loads the word at {@code va}, the first of a page; or stores {@code word} there. */
  public Access touch(long va, boolean store, long word) {
    PageModel page = pages.get(va);
    boolean mapped = page != null && page.mapped;
    if (page != null && mapped && (!store || page.writable)) {
      return done(page, store, word, false, false);
    }
    Interval at = find(va);
    Access.End end = faultEnd(at, va, store ? VmProt.WRITE : VmProt.READ);
    if (at == null || end != Access.End.DONE) {
      return new Access(true, mapped, end, 0);
    }
    PageModel made = pages.computeIfAbsent(va, absent -> new PageModel());
    made.enter(at);
    return done(made, store, word, true, mapped);
  }

  private static Access done(
      PageModel page, boolean store, long word, boolean faults, boolean mapped) {
    page.use(store);
    if (store) {
      page.word = word;
    }
    return new Access(faults, mapped, Access.End.DONE, page.word);
  }

  private Access.End faultEnd(@Nullable Interval at, long va, int wanted) {
    if (at == null) {
      return Access.End.NO_ENTRY;
    }
    if ((wanted & ~at.protection()) != 0) {
      return Access.End.FORBIDDEN;
    }
    if (at.backing() == Backing.NOFAULT) {
      return Access.End.NOFAULT_PANIC;
    }
    return at.backing() == Backing.ANONYMOUS && isSystem(va)
        ? Access.End.NO_OBJECT_PANIC
        : Access.End.DONE;
  }

  private boolean isSystem(long va) {
    boolean system = true;
    for (MapModel map : maps) {
      if (!MapModel.below(va, map.min) && MapModel.below(va, map.max)) {
        system = map.system;
      }
    }
    return system;
  }
}
