package dev.kmemu.gdb.target;

import dev.kmemu.emulator.cpu.Register;
import dev.kmemu.emulator.debug.DebugTarget;
import java.util.ArrayList;
import java.util.List;

/** The registers of a target by the numbers that its description gives them. Immutable. */
final class RegisterLayout {

  private final List<Feature> features;
  private final List<RegisterSlot> slots;

  private RegisterLayout(List<Feature> features, List<RegisterSlot> slots) {
    this.features = List.copyOf(features);
    this.slots = List.copyOf(slots);
  }

  /** Returns the layout for what {@code target} has. */
  static RegisterLayout of(DebugTarget target) {
    List<Feature> features = new ArrayList<>();
    List<RegisterSlot> slots = new ArrayList<>();
    for (Feature feature : Feature.values()) {
      if (target.has(feature.mark())) {
        features.add(feature);
        slots.addAll(feature.slots());
      }
    }
    return new RegisterLayout(features, slots);
  }

  List<Feature> features() {
    return features;
  }

  /** Returns the slots; an index is a register's number. */
  List<RegisterSlot> slots() {
    return slots;
  }

  /** Returns the number of the slot that holds {@code register}, which the core feature has. */
  int numberOf(Register register) {
    for (int number = 0; number < slots.size(); number++) {
      if (slots.get(number).register() == register) {
        return number;
      }
    }
    throw new IllegalArgumentException(register + " isn't in the target description");
  }
}
