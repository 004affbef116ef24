package dev.kmemu.vm.model;

import dev.kmemu.vm.kern.VmArith;

/** {@code kmem_free} or {@code kmem_free_wakeup}. */
final class Release extends Step {

  private final boolean wakesUp;
  private final Place place;

  Release(boolean wakesUp, Place place) {
    this.wakesUp = wakesUp;
    this.place = place;
  }

  @Override
  String call(Stage stage) {
    return (wakesUp ? "kmem_free_wakeup(" : "kmem_free(") + place.in(stage) + ")";
  }

  @Override
  String run(Stage stage) {
    Place.Resolved at = place.in(stage);
    if (!at.isFreeOfSubmaps()) {
      return "not called: a submap is there";
    }
    if (wakesUp) {
      stage.vm.kmem().freeWakeup(at.map(), at.virtual(), at.bytes());
      stage.model.free(at.model(), at.from(), at.to());
    } else {
      stage.vm.kmem().free(at.map(), at.virtual(), at.bytes());
      stage.model.free(at.model(), clamped(at), clampedEnd(at));
    }
    return "done";
  }

  private static long clampedEnd(Place.Resolved at) {
    return VmArith.min(at.to(), at.model().max);
  }

  /** A range that ends before it begins is empty, and begins at its end. */
  private static long clamped(Place.Resolved at) {
    return VmArith.min(VmArith.max(at.from(), at.model().min), clampedEnd(at));
  }
}
