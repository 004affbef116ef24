package dev.kmemu.campaign.map;

import dev.kmemu.campaign.Failure;
import dev.kmemu.campaign.Step;
import dev.kmemu.campaign.map.MapVerb.Operands;
import dev.kmemu.vm.KernelVm;
import dev.kmemu.vm.fault.FaultFlags;
import dev.kmemu.vm.kern.KernReturn;
import dev.kmemu.vm.kern.VmProt;
import dev.kmemu.vm.map.Inheritance;
import dev.kmemu.vm.map.MapInsertion;
import dev.kmemu.vm.map.MapType;
import dev.kmemu.vm.map.MapWiring;
import dev.kmemu.vm.map.VmMap;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** Does the map routines on a space and on the model of it, and compares what they return. */
final class MapOperations {

  private static final int RW = VmProt.READ | VmProt.WRITE;
  private static final int[] PROTECTIONS = {RW, VmProt.READ};
  private static final int[] NEW_PROTECTIONS = {VmProt.NONE, VmProt.READ, RW};
  private static final Inheritance[] INHERITANCES = {
    Inheritance.SHARE, Inheritance.COPY, Inheritance.NONE
  };

  private final KernelVm vm;

  MapOperations(KernelVm vm) {
    this.vm = vm;
  }

  /** Does an operation on the pages of a range. */
  @Nullable Failure onRange(SpaceModel model, MapVerb verb, Step step, int from, int last) {
    return switch (verb) {
      case MAP -> map(model, from, last, step.index(3));
      case PROTECT -> protect(model, from, last, step.index(3));
      case LOCK -> lock(model, from, last);
      case UNLOCK -> unlock(model, from, last);
      case WIRE -> wire(model, from, last);
      case UNMAP -> {
        unmap(model, from, last);
        yield null;
      }
      case INHERIT -> {
        inherit(model, from, last, step.index(3));
        yield null;
      }
      default -> throw new AssertionError(verb);
    };
  }

  private @Nullable Failure map(SpaceModel model, int from, int last, int choice) {
    int protection = PROTECTIONS[choice];
    MapInsertion.Mapping mapping =
        new MapInsertion.Mapping(null, 0, MapType.NORMAL, protection, VmProt.ALL, 0);
    long start = Operands.PAGE.at(from);
    KernReturn result =
        vm.maps()
            .find(model.space.map(), mapping, start, MapScene.end(last) - start, 1, false)
            .code();
    boolean free = model.all(from, last, page -> page == null);
    for (int i = from; free && i <= last; i++) {
      model.set(i, new SpacePage(new SpacePage.Contents(0), protection));
    }
    return differs(MapVerb.MAP, free ? KernReturn.SUCCESS : KernReturn.NO_SPACE, result);
  }

  private void unmap(SpaceModel model, int from, int last) {
    vm.maps().removal().remove(model.space.map(), Operands.PAGE.at(from), MapScene.end(last));
    for (int i = from; i <= last; i++) {
      model.set(i, null);
    }
  }

  private @Nullable Failure protect(SpaceModel model, int from, int last, int choice) {
    int protection = NEW_PROTECTIONS[choice];
    KernReturn result =
        vm.maps()
            .protection()
            .protect(
                model.space.map(), Operands.PAGE.at(from), MapScene.end(last), protection, false);
    model.forEach(from, last, page -> page.protection = protection);
    return differs(MapVerb.PROTECT, KernReturn.SUCCESS, result);
  }

  /** What others share isn't to be copied: the copy would show what they write, as upstream. */
  private void inherit(SpaceModel model, int from, int last, int choice) {
    Inheritance inheritance = INHERITANCES[choice];
    for (int i = from; i <= last; i++) {
      SpacePage page = model.page(i);
      if (page != null && !(inheritance == Inheritance.COPY && page.contents.shared)) {
        vm.maps()
            .protection()
            .inherit(model.space.map(), Operands.PAGE.at(i), MapScene.end(i), inheritance);
        page.inheritance = inheritance;
      }
    }
  }

  private @Nullable Failure lock(SpaceModel model, int from, int last) {
    if (!model.all(from, last, page -> page == null || page.isReadable())) {
      return null;
    }
    KernReturn result = unwire(model, from, last, false);
    boolean mapped = model.all(from, last, Objects::nonNull);
    if (mapped) {
      model.forEach(from, last, page -> page.locked = true);
    }
    return differs(MapVerb.LOCK, mapped ? KernReturn.SUCCESS : KernReturn.INVALID_ADDRESS, result);
  }

  private @Nullable Failure unlock(SpaceModel model, int from, int last) {
    KernReturn result = unwire(model, from, last, true);
    boolean mapped = model.all(from, last, Objects::nonNull);
    boolean locked = model.all(from, last, page -> page != null && page.locked);
    if (locked) {
      model.forEach(from, last, page -> page.locked = false);
    }
    KernReturn refused = mapped ? KernReturn.INVALID_ARGUMENT : KernReturn.INVALID_ADDRESS;
    return differs(MapVerb.UNLOCK, locked ? KernReturn.SUCCESS : refused, result);
  }

  private KernReturn unwire(SpaceModel model, int from, int last, boolean pageable) {
    return vm.maps()
        .userWiring()
        .unwire(model.space.map(), Operands.PAGE.at(from), MapScene.end(last), pageable);
  }

  /** {@code vslock} and {@code vsunlock}. */
  private @Nullable Failure wire(SpaceModel model, int from, int last) {
    if (!model.all(from, last, page -> page != null && page.isWritable())) {
      return null;
    }
    MapWiring wiring = vm.maps().wiring();
    VmMap map = model.space.map();
    long start = Operands.PAGE.at(from);
    long end = MapScene.end(last);
    Failure failure = differs(MapVerb.WIRE, KernReturn.SUCCESS, wiring.wire(map, start, end, 0));
    return failure == null
        ? differs(
            MapVerb.WIRE, KernReturn.SUCCESS, wiring.wire(map, start, end, MapWiring.KM_PAGEABLE))
        : failure;
  }

  /** {@code vm_fault} without an access. */
  @Nullable Failure fault(SpaceModel model, int page, boolean write) {
    return judge(model, page, write, faulted(model, page, write));
  }

  KernReturn faulted(SpaceModel model, int page, boolean write) {
    return vm.faults()
        .fault(
            model.space.map(),
            Operands.PAGE.at(page),
            write ? VmProt.WRITE : VmProt.READ,
            write ? FaultFlags.DIRTY : FaultFlags.NORMAL);
  }

  /** Compares what {@code vm_fault} returned with the model. */
  static @Nullable Failure judge(SpaceModel model, int page, boolean write, KernReturn result) {
    SpacePage expected = model.page(page);
    if (expected == null) {
      return differs(MapVerb.FAULT, KernReturn.INVALID_ADDRESS, result);
    }
    boolean allowed = write ? expected.isWritable() : expected.isReadable();
    if (write && expected.mayRefuseStores() && result == KernReturn.PROTECTION_FAILURE) {
      return null;
    }
    return differs(
        MapVerb.FAULT, allowed ? KernReturn.SUCCESS : KernReturn.PROTECTION_FAILURE, result);
  }

  private static @Nullable Failure differs(MapVerb verb, KernReturn expected, KernReturn actual) {
    return expected == actual ? null : Failure.of("returned", verb.word(), expected, actual);
  }
}
