package dev.kmemu.vm.pmap;

import dev.kmemu.vm.kern.KernelPanic;
import dev.kmemu.vm.kern.Numbering;
import dev.kmemu.vm.kern.StateExchange;
import dev.kmemu.vm.kern.Token;
import dev.kmemu.vm.object.ObjectType;
import dev.kmemu.vm.object.VmObject;
import dev.kmemu.vm.object.VmObjects;
import dev.kmemu.vm.page.PageAllocator;
import dev.kmemu.vm.page.PageArray;
import dev.kmemu.vm.page.PageState;
import dev.kmemu.vm.page.VmPage;
import java.util.ArrayList;
import java.util.List;

/** {@code pmap_pinit}, {@code pmap_release} and {@code pmap_list}. Takes {@code vm_token}. */
public final class LivePmaps implements UserPmaps {

  private final Token token;
  private final PmapRoutines routines;
  private final PageTables kernelTables;
  private final VmObjects objects;
  private final PageAllocator allocator;
  private final PageState state;
  private final PageArray pages;
  private final List<Pmap> live = new ArrayList<>();
  private int created;

  /** Creates the routines; there are no user maps yet. */
  public LivePmaps(
      Token vmToken,
      PmapRoutines routines,
      PageTables kernelTables,
      VmObjects objects,
      PageAllocator allocator,
      PageState state,
      PageArray pages) {
    this.token = vmToken;
    this.routines = routines;
    this.kernelTables = kernelTables;
    this.objects = objects;
    this.allocator = allocator;
    this.state = state;
    this.pages = pages;
  }

  /** Returns the user maps that there are, oldest first. */
  public List<Pmap> live() {
    token.get();
    try {
      return List.copyOf(live);
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
          objects.allocate("pteobj " + number, ObjectType.DEFAULT, UserTables.OBJECT_PAGES);
      UserTables tables =
          new UserTables(allocator, state, pages, routines.shootdown(), object, kernelTables);
      Pmap pmap = Pmap.user("pmap " + number, token, routines, tables);
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
      pmap.userTables().releaseRoot(pmap);
      live.remove(pmap);
    } finally {
      token.release();
    }
    objects.deallocate(pmap.tableObject());
  }

  /** Makes a map for a snapshot that was read, over tables that its RAM holds. */
  public Pmap blank(String name, VmObject tableObject, VmPage root) {
    UserTables tables =
        new UserTables(
            allocator, state, pages, routines.shootdown(), tableObject, kernelTables, root);
    return Pmap.user(name, token, routines, tables);
  }

  /** Exchanges which maps there are with a snapshot. */
  public void exchange(StateExchange exchange, Numbering<Pmap> pmaps) {
    created = exchange.exchange(created);
    int count = exchange.exchange(live.size());
    List<Pmap> now = List.copyOf(live);
    live.clear();
    for (int i = 0; i < count; i++) {
      Pmap pmap = exchange.exchange(exchange.isSaving() ? now.get(i) : null, pmaps);
      if (pmap != null) {
        live.add(pmap);
      }
    }
  }
}
