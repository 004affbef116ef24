package dev.kmemu.vm.kmem;

import dev.kmemu.emulator.memory.VirtualAddress;
import dev.kmemu.vm.kern.KernReturn;
import dev.kmemu.vm.kern.Token;
import dev.kmemu.vm.kern.VmArith;
import dev.kmemu.vm.kern.VmProt;
import dev.kmemu.vm.map.EntryFlags;
import dev.kmemu.vm.map.EntryReservation;
import dev.kmemu.vm.map.EntryReserve;
import dev.kmemu.vm.map.MapInsertion;
import dev.kmemu.vm.map.MapSpace;
import dev.kmemu.vm.map.MapType;
import dev.kmemu.vm.map.MapWiring;
import dev.kmemu.vm.map.VmMap;
import dev.kmemu.vm.map.VmMaps;
import dev.kmemu.vm.object.VmObject;
import dev.kmemu.vm.object.VmObjects;
import dev.kmemu.vm.page.AllocRequest;
import dev.kmemu.vm.page.PageAllocator;
import dev.kmemu.vm.page.PageFlags;
import dev.kmemu.vm.page.PageState;
import dev.kmemu.vm.page.VmPage;

/** {@code kmem_alloc3}: pages of {@code kernel_object}, wired where they are allocated. */
public final class WiredKmem {

  private static final int REQUEST = AllocRequest.ZERO | AllocRequest.NORMAL | AllocRequest.RETRY;

  private final VmMaps maps;
  private final VmObjects objects;
  private final PageAllocator allocator;
  private final PageState state;
  private final Token vmToken;

  /** Creates the allocator. */
  public WiredKmem(
      VmMaps maps, VmObjects objects, PageAllocator allocator, PageState state, Token vmToken) {
    this.maps = maps;
    this.objects = objects;
    this.allocator = allocator;
    this.state = state;
    this.vmToken = vmToken;
  }

  /** Allocates {@code size} bytes, a positive multiple of the page size. */
  KmemResult allocate(VmMap map, long size, int kmflags) {
    long address = insert(map, size, kmflags);
    if (address == MapSpace.NO_SPACE) {
      return new KmemResult.NoSpace(map.name(), size);
    }
    long guard = (kmflags & MapWiring.KM_STACK) != 0 ? VmArith.PAGE_SIZE : 0;
    instantiate(address + guard, size - guard);
    KernReturn result = maps.wiring().wire(map, address, address + size, kmflags);
    if (result != KernReturn.SUCCESS && (kmflags & MapWiring.KM_PAGEABLE) == 0) {
      maps.removal().remove(map, address, address + size);
      return new KmemResult.NotWired(result.toString());
    }
    return new KmemResult.Allocated(new VirtualAddress(address));
  }

  private long insert(VmMap map, long size, int kmflags) {
    EntryReserve reserve = maps.reserve();
    VmObject object = objects.kernelObject();
    try (EntryReservation reservation =
        (kmflags & MapWiring.KM_KRESERVE) != 0 ? reserve.kreserve() : reserve.reserve()) {
      map.lock();
      try {
        long address = maps.space().find(map, map.min(), size, VmArith.PAGE_SIZE, 0);
        if (address == MapSpace.NO_SPACE) {
          return MapSpace.NO_SPACE;
        }
        objects.reference(object);
        int cow = (kmflags & MapWiring.KM_STACK) != 0 ? EntryFlags.MAP_IS_KSTACK : 0;
        MapInsertion.Mapping mapping =
            new MapInsertion.Mapping(object, address, MapType.NORMAL, VmProt.ALL, VmProt.ALL, cow);
        KernReturn result =
            maps.insertion().insert(map, reservation, mapping, address, address + size);
        if (result != KernReturn.SUCCESS) {
          objects.deallocate(object);
          return MapSpace.NO_SPACE;
        }
        return address;
      } finally {
        map.unlock();
      }
    }
  }

  /**
   * Puts the pages into the object before they are wired: wiring would fault, and a fault could
   * recurse into allocation or find stale contents. A page that is there already, left over from an
   * earlier use of the range, leaves its paging queue before others may have it. Waiting for memory
   * drops the token, so the object is held in paging.
   */
  private void instantiate(long address, long size) {
    VmObject object = objects.kernelObject();
    vmToken.get();
    objects.pagingBegin(object);
    try {
      for (long done = 0; done != size; done += VmArith.PAGE_SIZE) {
        VmPage page = allocator.grab(object, VmArith.offToIdx(address + done), REQUEST);
        if (page == null) {
          throw new IllegalStateException("vm_page_grab with RETRY returned no page");
        }
        state.unqueue(page);
        state.ensureZero(page);
        page.setValid(true);
        page.clearFlag(PageFlags.ZERO);
        state.wakeup(page);
      }
    } finally {
      objects.pagingEnd(object);
      vmToken.release();
    }
  }
}
