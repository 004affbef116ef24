package dev.kmemu.vm.model;

import dev.kmemu.vm.kern.KernReturn;
import dev.kmemu.vm.kern.VmArith;
import dev.kmemu.vm.kern.VmProt;
import dev.kmemu.vm.map.Inheritance;
import java.util.Collection;
import java.util.List;

/** The {@code vm_map_} routines that change a range, on the model. */
final class RangeModel {

  private RangeModel() {}

  /** Whether wiring [from, to) would have to make a page where the kernel can't. */
  static boolean wouldPanic(MapModel map, long from, long to) {
    return map.overlapping(from, to).stream()
        .anyMatch(
            each ->
                each.wired() == 0
                    && (each.backing() == Backing.NOFAULT
                        || (each.backing() == Backing.ANONYMOUS && map.system)));
  }

  private static boolean hasHole(MapModel map, long from, long to) {
    long end = from;
    for (Interval each : map.overlapping(from, to)) {
      if (MapModel.below(end, each.start())) {
        return true;
      }
      end = each.end();
    }
    return MapModel.below(end, to) || from == to;
  }

  static KernReturn wire(KernelModel model, MapModel map, long from, long to) {
    if (hasHole(map, from, to)) {
      map.clipAndChange(from, to, same -> same);
      return KernReturn.INVALID_ADDRESS;
    }
    for (Interval each : map.overlapping(from, to)) {
      if (each.wired() == 0 && (each.protection() & VmProt.WRITE) == 0) {
        map.clipAndChange(from, to, same -> same);
        makePages(model, map, from, each.start(), false);
        return KernReturn.PROTECTION_FAILURE;
      }
    }
    makePages(model, map, from, to, true);
    map.clipAndChange(from, to, each -> each.withWired(each.wired() + 1));
    return KernReturn.SUCCESS;
  }

  /** Makes and enters the pages of what isn't wired yet. */
  private static void makePages(
      KernelModel model, MapModel map, long from, long to, boolean wired) {
    for (long va = from; MapModel.below(va, to); va += MapModel.PAGE) {
      Interval at = map.at(va);
      if (at != null && at.wired() == 0) {
        PageModel page = model.pages().computeIfAbsent(va, absent -> new PageModel());
        page.enter(at);
        page.wired = wired;
      }
    }
  }

  static KernReturn unwire(KernelModel model, MapModel map, long from, long to) {
    if (hasHole(map, from, to)) {
      map.clipAndChange(from, to, same -> same);
      return KernReturn.INVALID_ADDRESS;
    }
    List<Interval> range = map.overlapping(from, to);
    if (range.stream().anyMatch(each -> each.wired() == 0)) {
      map.clipAndChange(from, to, same -> same);
      return KernReturn.INVALID_ARGUMENT;
    }
    map.clipAndChange(from, to, each -> each.withWired(each.wired() - 1));
    for (Interval each : map.overlapping(from, to)) {
      if (each.wired() == 0) {
        pagesOf(model, each, from, to).forEach(page -> page.wired = false);
      }
    }
    return KernReturn.SUCCESS;
  }

  static KernReturn protect(
      KernelModel model, MapModel map, long from, long to, int protection, boolean setMaximum) {
    if (map.overlapping(from, to).stream().anyMatch(each -> (protection & ~each.maximum()) != 0)) {
      map.splitStart(from);
      return KernReturn.PROTECTION_FAILURE;
    }
    for (Interval each : map.overlapping(from, to)) {
      int now = setMaximum ? protection & each.protection() : protection;
      if (now != each.protection()) {
        restrict(pagesOf(model, each, from, to), now);
      }
    }
    map.change(
        from,
        to,
        each ->
            setMaximum
                ? each.withProtection(protection & each.protection(), protection)
                : each.withProtection(protection, each.maximum()));
    return KernReturn.SUCCESS;
  }

  private static void restrict(Collection<PageModel> pages, int protection) {
    for (PageModel page : pages) {
      if ((protection & VmProt.READ) == 0) {
        page.unmap();
      } else if ((protection & VmProt.WRITE) == 0) {
        page.writable = false;
      }
    }
  }

  static KernReturn inherit(MapModel map, long from, long to, Inheritance inheritance) {
    map.change(from, to, each -> each.withInheritance(inheritance));
    return KernReturn.SUCCESS;
  }

  /** Returns the pages that an interval has in [from, to). */
  private static Collection<PageModel> pagesOf(
      KernelModel model, Interval interval, long from, long to) {
    return model.pagesIn(VmArith.max(interval.start(), from), VmArith.min(interval.end(), to));
  }
}
