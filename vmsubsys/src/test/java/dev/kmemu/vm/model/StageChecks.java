package dev.kmemu.vm.model;

import static org.assertj.core.api.Assertions.assertThat;

import dev.kmemu.vm.KernelVm;
import dev.kmemu.vm.kern.VmCounter;
import dev.kmemu.vm.map.VmMap;
import dev.kmemu.vm.map.VmMapEntry;
import dev.kmemu.vm.pmap.PteBits;
import java.util.ArrayList;
import java.util.List;

/** Compares a kernel VM with its model. */
final class StageChecks {

  private final Stage stage;
  private final KernelVm vm;
  private final long freeAtStart;

  StageChecks(Stage stage) {
    this.stage = stage;
    this.vm = stage.vm;
    this.freeAtStart = counter(VmCounter.FREE_COUNT);
  }

  void verify() {
    for (int i = 0; i < stage.mapCount(); i++) {
      verifyMap(stage.map(i), stage.mapModel(i));
    }
    stage.model.pages().forEach(this::verifyPage);
    KernelModel model = stage.model;
    long pages = model.pages().size();
    assertThat(counter(VmCounter.FREE_COUNT)).as("v_free_count").isEqualTo(freeAtStart - pages);
    assertThat(counter(VmCounter.WIRE_COUNT))
        .as("v_wire_count")
        .isEqualTo(model.count(page -> page.wired));
    assertThat(vm.pmap().statistics().residentCount())
        .as("resident_count")
        .isEqualTo(model.count(page -> page.mapped));
    assertThat(vm.objects().kernelObject().residentPageCount())
        .as("pages of kernel_object")
        .isEqualTo((int) model.kernelObjectPages());
    assertThat(vm.check()).as("broken invariants").isEmpty();
  }

  private void verifyMap(VmMap map, MapModel model) {
    List<Interval> entries = new ArrayList<>();
    for (VmMapEntry e = map.first(); e != map.header(); e = e.next()) {
      entries.add(Interval.of(e, vm.objects().kernelObject()));
    }
    if (model.system) {
      assertThat(entries)
          .as("entries of %s", model)
          .isEqualTo(model.intervals().stream().map(Interval::visible).toList());
      assertThat(map.nentries()).as("entries of %s", model).isEqualTo(entries.size());
    } else {
      assertThat(MapModel.merged(entries))
          .as("ranges of %s", model)
          .isEqualTo(MapModel.merged(model.intervals()));
    }
    assertThat(map.size()).as("size of %s", model).isEqualTo(model.size());
  }

  private void verifyPage(long va, PageModel page) {
    long pte = vm.pmap().tables().pte(va);
    assertThat((pte & PteBits.V) != 0).as("0x%x is mapped", va).isEqualTo(page.mapped);
    assertThat((pte & PteBits.RW) != 0).as("0x%x is writable", va).isEqualTo(page.writable);
    assertThat((pte & PteBits.W) != 0).as("0x%x is wired", va).isEqualTo(page.wired);
    if (page.mapped) {
      assertThat(stage.read(va)).as("contents of 0x%x", va).isEqualTo(page.word);
    }
  }

  void verifyEmpty() {
    assertThat(stage.model.pages()).isEmpty();
    assertThat(counter(VmCounter.FREE_COUNT)).isEqualTo(freeAtStart);
    assertThat(counter(VmCounter.ACTIVE_COUNT)).isZero();
    assertThat(vm.pmap().statistics().wiredCount()).isZero();
    assertThat(vm.objects().kernelObject().refCount()).isEqualTo(1);
  }

  private long counter(VmCounter counter) {
    vm.tokens().vm().get();
    try {
      return vm.stats().get(counter);
    } finally {
      vm.tokens().vm().release();
    }
  }
}
