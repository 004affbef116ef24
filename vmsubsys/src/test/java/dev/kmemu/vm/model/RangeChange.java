package dev.kmemu.vm.model;

import static org.assertj.core.api.Assertions.assertThat;

import dev.kmemu.vm.kern.KernReturn;
import dev.kmemu.vm.kern.VmProt;
import dev.kmemu.vm.map.Inheritance;
import dev.kmemu.vm.map.MapProtection;
import dev.kmemu.vm.map.MapWiring;

/** One of the {@code vm_map_} routines that change a range. */
final class RangeChange extends Step {

  /** The routines and their arguments. */
  enum Kind {
    WIRE,
    UNWIRE,
    PROTECT_READ,
    PROTECT_ALL,
    PROTECT_NONE,
    PROTECT_READ_FOR_GOOD,
    INHERIT_NONE,
    INHERIT_COPY
  }

  private final Kind kind;
  private final Place place;

  RangeChange(Kind kind, Place place) {
    this.kind = kind;
    this.place = place;
  }

  @Override
  String call(Stage stage) {
    return kind + "(" + place.wholePages(stage) + ")";
  }

  @Override
  String run(Stage stage) {
    Place.Resolved at = place.wholePages(stage);
    if (!at.isFreeOfSubmaps()) {
      return "not called: a submap is there";
    }
    if (kind == Kind.WIRE && RangeModel.wouldPanic(at.model(), at.from(), at.to())) {
      return "not called: it would panic";
    }
    if (kind == Kind.PROTECT_NONE && hasWired(at)) {
      return "not called: wired pages would lose their mappings";
    }
    KernReturn expected = changeModel(stage.model, at);
    assertThat(changeVm(stage, at)).as("%s", kind).isEqualTo(expected);
    return expected.toString();
  }

  /** Such pages would stay wired for ever: upstream looks them up by their mappings. */
  private static boolean hasWired(Place.Resolved at) {
    return at.model().overlapping(at.from(), at.to()).stream().anyMatch(each -> each.wired() > 0);
  }

  private KernReturn changeModel(KernelModel model, Place.Resolved at) {
    MapModel map = at.model();
    return switch (kind) {
      case WIRE -> RangeModel.wire(model, map, at.from(), at.to());
      case UNWIRE -> RangeModel.unwire(model, map, at.from(), at.to());
      case PROTECT_READ -> RangeModel.protect(model, map, at.from(), at.to(), VmProt.READ, false);
      case PROTECT_ALL -> RangeModel.protect(model, map, at.from(), at.to(), VmProt.ALL, false);
      case PROTECT_NONE -> RangeModel.protect(model, map, at.from(), at.to(), VmProt.NONE, false);
      case PROTECT_READ_FOR_GOOD ->
          RangeModel.protect(model, map, at.from(), at.to(), VmProt.READ, true);
      case INHERIT_NONE -> RangeModel.inherit(map, at.from(), at.to(), Inheritance.NONE);
      case INHERIT_COPY -> RangeModel.inherit(map, at.from(), at.to(), Inheritance.COPY);
    };
  }

  private KernReturn changeVm(Stage stage, Place.Resolved at) {
    MapWiring wiring = stage.vm.maps().wiring();
    MapProtection protection = stage.vm.maps().protection();
    long from = at.from();
    long to = at.to();
    return switch (kind) {
      case WIRE -> wiring.wire(at.map(), from, to, 0);
      case UNWIRE -> wiring.wire(at.map(), from, to, MapWiring.KM_PAGEABLE);
      case PROTECT_READ -> protection.protect(at.map(), from, to, VmProt.READ, false);
      case PROTECT_ALL -> protection.protect(at.map(), from, to, VmProt.ALL, false);
      case PROTECT_NONE -> protection.protect(at.map(), from, to, VmProt.NONE, false);
      case PROTECT_READ_FOR_GOOD -> protection.protect(at.map(), from, to, VmProt.READ, true);
      case INHERIT_NONE -> inherit(protection, at, Inheritance.NONE);
      case INHERIT_COPY -> inherit(protection, at, Inheritance.COPY);
    };
  }

  private static KernReturn inherit(
      MapProtection protection, Place.Resolved at, Inheritance inheritance) {
    protection.inherit(at.map(), at.from(), at.to(), inheritance);
    return KernReturn.SUCCESS;
  }
}
