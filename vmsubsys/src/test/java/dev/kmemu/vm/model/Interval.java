package dev.kmemu.vm.model;

import dev.kmemu.vm.kern.VmProt;
import dev.kmemu.vm.map.EntryFlags;
import dev.kmemu.vm.map.Inheritance;
import dev.kmemu.vm.map.VmMapEntry;
import dev.kmemu.vm.object.VmObject;

/** A range of a map, [start, end), all of whose pages are alike. */
record Interval(
    long start,
    long end,
    Backing backing,
    int wired,
    int protection,
    int maximum,
    Inheritance inheritance) {

  static Interval fresh(long start, long end, Backing backing, int wired) {
    return new Interval(start, end, backing, wired, VmProt.ALL, VmProt.ALL, Inheritance.COPY);
  }

  /** Returns what can be seen of a real entry; its inheritance can't. */
  static Interval of(VmMapEntry entry, VmObject kernelObject) {
    Backing backing =
        entry.submap() != null
            ? Backing.SUBMAP
            : (entry.eflags() & EntryFlags.NOFAULT) != 0
                ? Backing.NOFAULT
                : entry.object() == kernelObject ? Backing.KERNEL_OBJECT : Backing.ANONYMOUS;
    return new Interval(
        entry.start(),
        entry.end(),
        backing,
        entry.wiredCount(),
        entry.protection(),
        entry.maxProtection(),
        Inheritance.COPY);
  }

  Interval visible() {
    return withInheritance(Inheritance.COPY);
  }

  long length() {
    return end - start;
  }

  boolean contains(long va) {
    return Long.compareUnsigned(start, va) <= 0 && Long.compareUnsigned(va, end) < 0;
  }

  /** Whether {@code next} could be a part of the same entry. */
  boolean mergesWith(Interval next) {
    return end == next.start
        && backing != Backing.SUBMAP
        && withBounds(next.start, next.end).equals(next);
  }

  Interval withBounds(long newStart, long newEnd) {
    return new Interval(newStart, newEnd, backing, wired, protection, maximum, inheritance);
  }

  Interval withWired(int count) {
    return new Interval(start, end, backing, count, protection, maximum, inheritance);
  }

  Interval withProtection(int now, int ever) {
    return new Interval(start, end, backing, wired, now, ever, inheritance);
  }

  Interval withInheritance(Inheritance value) {
    return new Interval(start, end, backing, wired, protection, maximum, value);
  }

  @Override
  public String toString() {
    return String.format(
        "[0x%x-0x%x %s wired=%d prot=%d/%d %s]",
        start, end, backing, wired, protection, maximum, inheritance);
  }
}
