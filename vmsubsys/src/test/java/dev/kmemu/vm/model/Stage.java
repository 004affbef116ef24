package dev.kmemu.vm.model;

import dev.kmemu.emulator.memory.PhysicalAddress;
import dev.kmemu.emulator.memory.VirtualAddress;
import dev.kmemu.vm.KernelVm;
import dev.kmemu.vm.map.VmMap;
import dev.kmemu.vm.pmap.KvaLayout;
import java.util.ArrayList;
import java.util.List;

/** A kernel VM beside its model. Each operation is done on both. */
public final class Stage {

  static final int MAX_MAPS = 5;

  private static final long KERNEL_WINDOW = 48 * MapModel.PAGE;

  final KernelVm vm;
  final KernelModel model;
  private final List<VmMap> maps = new ArrayList<>();
  private final List<String> log = new ArrayList<>();
  private final StageChecks checks;

  /**
   * Starts with a kernel map that is as boot left it.
   *
   * @param vm a VM of which nothing is allocated
   */
  public Stage(KernelVm vm) {
    this.vm = vm;
    VmMap map = vm.kernelMap();
    MapModel kernelMap = new MapModel(map.name(), map.min(), map.max(), true);
    kernelMap.insert(
        Interval.fresh(KvaLayout.KERNBASE, vm.boot().virtualStart(), Backing.ANONYMOUS, 0));
    model = new KernelModel(kernelMap);
    maps.add(map);
    checks = new StageChecks(this);
  }

  /** Returns the model. */
  public KernelModel model() {
    return model;
  }

  int mapCount() {
    return maps.size();
  }

  VmMap map(int index) {
    return maps.get(index);
  }

  MapModel mapModel(int index) {
    return model.maps().get(index);
  }

  /** Returns how many bytes from the map's minimum on operations play with. */
  long window(int index) {
    return index == 0 ? KERNEL_WINDOW : mapModel(index).max - mapModel(index).min;
  }

  void addMap(VmMap map) {
    maps.add(map);
  }

  /** Returns the addresses of all pages that operations play with. */
  public List<Long> addresses() {
    List<Long> addresses = new ArrayList<>();
    for (long va = KvaLayout.KVA_START; va != KvaLayout.KVA_START + KERNEL_WINDOW; ) {
      addresses.add(va);
      va += MapModel.PAGE;
    }
    return addresses;
  }

  long read(long va) {
    return vm.ram().load64(new PhysicalAddress(vm.pmap().extract(va)));
  }

  void write(long va, long word) {
    vm.ram().store64(new PhysicalAddress(vm.pmap().extract(va)), word);
  }

  void log(String line) {
    log.add(line);
  }

  void amendLog(String line) {
    log.set(log.size() - 1, line);
  }

  /** Fails unless the VM is what the model says, and whole in itself. */
  public void verify() {
    checks.verify();
  }

  /** Frees all there is but the submaps; then nothing may be left of it. */
  public void freeEverything() {
    for (int i = maps.size() - 1; i >= 0; i--) {
      for (Interval each : mapModel(i).intervals()) {
        if (each.backing() != Backing.SUBMAP && MapModel.below(each.start(), KvaLayout.KERNBASE)) {
          vm.kmem().free(maps.get(i), new VirtualAddress(each.start()), each.length());
          model.free(mapModel(i), each.start(), each.end());
        }
      }
    }
    checks.verify();
    checks.verifyEmpty();
  }

  /** Returns all operations so far and what came of them. */
  @Override
  public String toString() {
    return String.join("\n    ", log);
  }
}
