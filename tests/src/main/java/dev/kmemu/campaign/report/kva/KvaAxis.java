package dev.kmemu.campaign.report.kva;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * A horizontal axis of an address space in which small areas beside huge holes can be seen: between
 * two neighbouring boundaries it is as long as the logarithm of their distance. What is empty gets
 * less.
 */
public final class KvaAxis {

  private static final double HOLE_WEIGHT = 0.35;
  private static final long PAGE = 4096;

  private final long start;
  private final long[] offsets;
  private final double[] places;

  private KvaAxis(long start, long[] offsets, double[] places) {
    this.start = start;
    this.offsets = offsets;
    this.places = places;
  }

  /** Lays out a picture. */
  public static KvaAxis of(AddressPicture picture) {
    List<KvaArea> areas = new ArrayList<>();
    picture.lanes().forEach(lane -> areas.addAll(lane.areas()));
    return of(picture.start().value(), picture.bytes(), areas);
  }

  /**
   * Lays out areas.
   *
   * @param start the first address of the axis
   * @param bytes its length, unsigned and above 0; 0 stands for 2^64
   */
  static KvaAxis of(long start, long bytes, List<KvaArea> areas) {
    long last = bytes - 1;
    List<Long> bounds = new ArrayList<>(List.of(0L));
    for (KvaArea area : areas) {
      bounds.add(area.start().value() - start);
      bounds.add(area.start().value() - start + area.bytes());
    }
    long[] offsets =
        bounds.stream()
            .distinct()
            .filter(offset -> Long.compareUnsigned(offset, last) <= 0)
            .sorted(Long::compareUnsigned)
            .mapToLong(Long::longValue)
            .toArray();
    long[] all = Arrays.copyOf(offsets, offsets.length + 1);
    all[offsets.length] = last;
    boolean[] used = used(all, start, areas);
    double[] places = new double[all.length];
    for (int i = 1; i < all.length; i++) {
      double weight = weight(all[i] - all[i - 1] + (i == all.length - 1 ? 1 : 0));
      places[i] = places[i - 1] + weight * (used[i - 1] ? 1 : HOLE_WEIGHT);
    }
    double total = places[all.length - 1];
    for (int i = 0; i < places.length; i++) {
      places[i] = places[i] / total;
    }
    return new KvaAxis(start, all, places);
  }

  private static boolean[] used(long[] offsets, long start, List<KvaArea> areas) {
    boolean[] used = new boolean[offsets.length];
    for (KvaArea area : areas) {
      long from = area.start().value() - start;
      for (int i = find(offsets, from); i < offsets.length - 1; i++) {
        // The distance, because the end of an area may be 2^64.
        if (Long.compareUnsigned(offsets[i] - from, area.bytes()) >= 0) {
          break;
        }
        used[i] = true;
      }
    }
    return used;
  }

  /** A page has 1, each doubling one more. */
  private static double weight(long bytes) {
    double pages = (bytes >>> 1) * 2.0 / PAGE;
    return 1 + Math.log(Math.max(1, pages)) / Math.log(2);
  }

  /** Returns the last boundary that isn't above an offset. */
  private static int find(long[] offsets, long offset) {
    int low = 0;
    int high = offsets.length - 1;
    while (low < high) {
      int middle = (low + high + 1) >>> 1;
      if (Long.compareUnsigned(offsets[middle], offset) <= 0) {
        low = middle;
      } else {
        high = middle - 1;
      }
    }
    return low;
  }

  /** Returns where an address is, from 0 for the start to 1 for the last address. */
  public double at(long address) {
    long offset = address - start;
    int i = find(offsets, offset);
    if (i == offsets.length - 1) {
      return 1;
    }
    double part = unsigned(offset - offsets[i]) / unsigned(offsets[i + 1] - offsets[i]);
    return places[i] + (places[i + 1] - places[i]) * part;
  }

  private static double unsigned(long value) {
    return (value >>> 1) * 2.0 + (value & 1);
  }

  /** Returns the boundaries, in order. */
  public List<Long> boundaries() {
    return Arrays.stream(offsets).limit(offsets.length - 1).map(o -> o + start).boxed().toList();
  }
}
