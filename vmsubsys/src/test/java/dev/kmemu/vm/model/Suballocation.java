package dev.kmemu.vm.model;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.kmemu.vm.kern.KernelPanic;
import dev.kmemu.vm.kmem.KmemSubmap;

/** {@code kmem_suballoc}. */
final class Suballocation extends Step {

  private static final String[] NAMES = {"clean_map", "buffer_map", "pager_map", "exec_map"};

  private final int parentIndex;
  private final int pages;
  private final boolean system;

  Suballocation(int parentIndex, int pages, boolean system) {
    this.parentIndex = parentIndex;
    this.pages = pages;
    this.system = system;
  }

  @Override
  String call(Stage stage) {
    MapModel parent = stage.mapModel(parentIndex % stage.mapCount());
    String kind = system ? ", system map" : "";
    return String.format("kmem_suballoc(%s, %d pages%s)", parent, pages, kind);
  }

  @Override
  String run(Stage stage) {
    if (stage.mapCount() == Stage.MAX_MAPS) {
      return "not called: there are enough maps";
    }
    int index = parentIndex % stage.mapCount();
    String name = NAMES[stage.mapCount() - 1];
    long size = pages * MapModel.PAGE;
    MapModel made = stage.model.suballoc(stage.mapModel(index), name, size, system);
    if (made == null) {
      assertThatThrownBy(() -> stage.vm.kmem().suballoc(stage.map(index), name, size))
          .isInstanceOf(KernelPanic.class)
          .hasMessageStartingWith("kmem_suballoc (bad status return of 3");
      return "panic: no room";
    }
    KmemSubmap submap = stage.vm.kmem().suballoc(stage.map(index), name, size);
    if (system) {
      submap.map().setSystemMap();
    }
    stage.addMap(submap.map());
    assertThat(submap.min().value()).as("start of %s", name).isEqualTo(made.min);
    assertThat(submap.max().value()).as("end of %s", name).isEqualTo(made.max);
    return name + " at " + submap.min();
  }
}
