package dev.kmemu.vm.snapshot;

import dev.kmemu.vm.KernelVm;
import dev.kmemu.vm.kern.Numbering;
import dev.kmemu.vm.map.VmMap;
import dev.kmemu.vm.map.VmMapEntry;
import dev.kmemu.vm.map.VmSpace;
import dev.kmemu.vm.object.Pager;
import dev.kmemu.vm.object.VmObject;
import dev.kmemu.vm.page.PageFlags;
import dev.kmemu.vm.page.PageOwner;
import dev.kmemu.vm.page.VmPage;
import dev.kmemu.vm.pager.SwapPager;
import dev.kmemu.vm.pmap.Pmap;
import java.util.Comparator;
import java.util.List;

/**
 * All that a kernel VM consists of, with numbers: whatever can be reached from its maps, address
 * spaces, pages and pagers. The first of each kind are the ones that a VM always has, and the order
 * depends on nothing but the state. An object that is neither mapped nor has pages, in RAM or swap,
 * isn't found.
 */
final class Inventory {

  final Numbering<VmMap> maps = new Numbering<>("map");
  final Numbering<VmSpace> spaces = new Numbering<>("address space");
  final Numbering<Pmap> pmaps = new Numbering<>("pmap");
  final Numbering<VmObject> objects = new Numbering<>("object");
  final Numbering<VmPage> pages = new Numbering<>("page");
  final Numbering<VmMapEntry> entries = new Numbering<>("entry");
  final Numbering<Pager> pagers = new Numbering<>("pager");

  /** By what objects can be found, which only their owners know how to write to a file. */
  final Numbering<Object> handles = new Numbering<>("handle");

  /** How many pagers a kernel has of its own; others are the tester's. */
  int ownPagers;

  /** How many pages RAM has; fictitious ones follow. */
  int realPages;

  /** How many entries are mapped; free ones follow. */
  int mappedEntries;

  private VmPage[] pageArray = {};

  Inventory() {}

  static Inventory of(KernelVm vm) {
    Inventory inventory = new Inventory();
    inventory.findMaps(vm);
    inventory.findObjects(vm);
    for (int i = 0; i < vm.pages().size(); i++) {
      inventory.pages.add(vm.pages().get(i));
    }
    inventory.realPages = inventory.pages.size();
    inventory.findFictitious();
    inventory.findPagers(vm);
    return inventory;
  }

  /** Returns the pages in the order of their numbers; not to be changed. */
  VmPage[] pageArray() {
    if (pageArray.length != pages.size()) {
      pageArray = pages.all().toArray(pageArray);
    }
    return pageArray;
  }

  private void findMaps(KernelVm vm) {
    maps.add(vm.kernelMap());
    vm.spaces().live().forEach(space -> maps.add(space.map()));
    vm.spaces().live().forEach(spaces::add);
    maps.addIfPresent(vm.trap().userMap());
    addSubmaps(0);
    List<VmMap> detached =
        vm.maps().all().stream()
            .filter(map -> map.nentries() > 0)
            .sorted(Comparator.comparing(VmMap::name).thenComparing(VmMap::min))
            .toList();
    for (VmMap map : detached) {
      int known = maps.size();
      if (maps.add(map)) {
        addSubmaps(known);
      }
    }
    for (VmMap map : maps.all()) {
      map.numberEntries(entries);
    }
    mappedEntries = entries.size();
    vm.maps().reserve().number(entries);
    pmaps.add(vm.pmap());
    vm.userPmaps().live().forEach(pmaps::add);
    maps.all().forEach(map -> pmaps.add(map.pmap()));
  }

  private void addSubmaps(int from) {
    for (int i = from; i < maps.size(); i++) {
      VmMap map = maps.get(i);
      for (VmMapEntry entry = map.first(); entry != map.header(); entry = entry.next()) {
        maps.addIfPresent(entry.submap());
      }
    }
  }

  private void findObjects(KernelVm vm) {
    objects.add(vm.objects().kernelObject());
    objects.add(vm.growth().tableObject());
    pmaps.all().forEach(pmap -> objects.addIfPresent(pmap.tableObject()));
    for (int i = 0; i < mappedEntries; i++) {
      objects.addIfPresent(entries.get(i).object());
    }
    for (int i = 0; i < vm.pages().size(); i++) {
      PageOwner owner = vm.pages().get(i).owner();
      if (owner != null) {
        objects.add((VmObject) owner);
      }
    }
    SwapPager swap = vm.paging().pagers().swap();
    if (swap != null) {
      swap.objects().stream().sorted(Comparator.comparing(VmObject::name)).forEach(objects::add);
    }
    for (int i = 0; i < objects.size(); i++) {
      VmObject object = objects.get(i);
      objects.addIfPresent(object.backingObject());
      VmObject shadow = object.firstShadow();
      for (; shadow != null; shadow = shadow.nextShadow()) {
        objects.add(shadow);
      }
    }
  }

  private void findFictitious() {
    for (VmObject object : objects.all()) {
      for (int slot = 0; slot < object.residentSlots(); slot++) {
        VmPage page = object.residentSlot(slot);
        if (page != null && page.has(PageFlags.FICTITIOUS)) {
          pages.add(page);
        }
      }
    }
  }

  private void findPagers(KernelVm vm) {
    vm.paging().pagers().number(pagers);
    ownPagers = pagers.size();
    for (VmObject object : objects.all()) {
      pagers.addIfPresent(object.pager());
      handles.addIfPresent(object.handle());
    }
  }
}
