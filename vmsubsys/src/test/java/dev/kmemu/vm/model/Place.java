package dev.kmemu.vm.model;

import dev.kmemu.emulator.memory.VirtualAddress;
import dev.kmemu.vm.kern.VmArith;
import dev.kmemu.vm.map.VmMap;

/**
 * A range of bytes somewhere in some map, chosen before the maps are known: indexes are taken
 * modulo what there is.
 */
record Place(int mapIndex, int page, int shift, long bytes) {

  /** The place in the maps there are now. */
  record Resolved(VmMap map, MapModel model, long address, long bytes) {

    VirtualAddress virtual() {
      return new VirtualAddress(address);
    }

    long from() {
      return VmArith.truncPage(address);
    }

    long to() {
      return VmArith.roundPage(address + bytes);
    }

    /** Whether no other map is in the range or next to it. */
    boolean isFreeOfSubmaps() {
      long first = VmArith.min(from(), to());
      long last = VmArith.max(from(), to());
      return model.overlapping(first - 1, last + 1).stream()
          .noneMatch(each -> each.backing() == Backing.SUBMAP);
    }

    @Override
    public String toString() {
      return String.format("%s, 0x%x, %s", model, address, size(bytes));
    }
  }

  Resolved in(Stage stage) {
    int index = mapIndex % stage.mapCount();
    MapModel model = stage.mapModel(index);
    long offset = page * MapModel.PAGE % stage.window(index);
    return new Resolved(stage.map(index), model, model.min + offset + shift, bytes);
  }

  /** Returns whole pages, which unlike {@code bytes} end in the map. */
  Resolved wholePages(Stage stage) {
    Resolved place = in(stage);
    long left = place.model().max - place.from();
    long length = VmArith.min(VmArith.max(VmArith.roundPage(bytes), MapModel.PAGE), left);
    return new Resolved(place.map(), place.model(), place.from(), length);
  }

  /** Returns a size as people read it. */
  static String size(long bytes) {
    return bytes % MapModel.PAGE == 0 && bytes > 0
        ? bytes / MapModel.PAGE + (bytes == MapModel.PAGE ? " page" : " pages")
        : String.format(bytes < 0 ? "0x%x bytes" : "%d bytes", bytes);
  }
}
