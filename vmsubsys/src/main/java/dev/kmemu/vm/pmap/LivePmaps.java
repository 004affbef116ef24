package dev.kmemu.vm.pmap;

import dev.kmemu.emulator.memory.PhysicalAddress;
import dev.kmemu.vm.kern.KernelPanic;
import dev.kmemu.vm.kern.Numbering;
import dev.kmemu.vm.kern.StateExchange;
import dev.kmemu.vm.kern.Token;
import dev.kmemu.vm.object.ObjectType;
import dev.kmemu.vm.object.VmObject;
import dev.kmemu.vm.object.VmObjects;
import dev.kmemu.vm.page.VmPage;
import java.util.List;

/** {@code pmap_pinit}, {@code pmap_release} and {@code pmap_list}. Takes {@code vm_token}. */
public final class LivePmaps implements UserPmaps {

  private final KernelPmap kernel;
  private final Token token;
  private final PageTables kernelTables;
  private final VmObjects objects;
  private final PmapList live;
  private int created;

  LivePmaps(KernelPmap kernel, PageTables kernelTables, VmObjects objects, PmapList live) {
    this.kernel = kernel;
    this.token = kernel.token();
    this.kernelTables = kernelTables;
    this.objects = objects;
    this.live = live;
  }

  /** Returns the user maps that there are, oldest first. */
  public List<Pmap> live() {
    token.get();
    try {
      return live.users();
    } finally {
      token.release();
    }
  }

  @Override
  public Pmap pinit() {
    token.get();
    try {
      int number = ++created;
      VmObject object =
          objects.allocate("pteobj " + number, ObjectType.DEFAULT, Pmap.ROOT_INDEX + 1);
      VmPage root = kernel.module().pinit(object);
      Pmap pmap = blank("pmap " + number, object, root);
      pmap.statistics().addResident();
      live.add(pmap);
      return pmap;
    } finally {
      token.release();
    }
  }

  @Override
  public void release(Pmap pmap) {
    token.get();
    try {
      if (pmap.isActive()) {
        throw new KernelPanic("pmap_release: pmap still active!", pmap.toString());
      }
      if (!live.contains(pmap)) {
        throw new KernelPanic("pmap_release: not a live pmap", pmap.toString());
      }
      kernel.module().release(pmap);
      pmap.statistics().dropResident(1, "pmap_release");
      live.remove(pmap);
    } finally {
      token.release();
    }
    objects.deallocate(pmap.tableObject());
  }

  /** Makes a map over tables that exist already: for a snapshot, whose RAM holds them. */
  public Pmap blank(String name, VmObject tableObject, VmPage root) {
    PageTables tables = kernelTables.withRoot(new PhysicalAddress(root.physAddr()));
    return new Pmap(name, kernel, tables, tableObject, root);
  }

  /** Exchanges which maps there are with a snapshot. */
  public void exchange(StateExchange exchange, Numbering<Pmap> pmaps) {
    created = exchange.exchange(created);
    List<Pmap> now = live.users();
    int count = exchange.exchange(now.size());
    live.clearUsers();
    for (int i = 0; i < count; i++) {
      Pmap pmap = exchange.exchange(exchange.isSaving() ? now.get(i) : null, pmaps);
      if (pmap != null) {
        live.add(pmap);
      }
    }
  }
}
