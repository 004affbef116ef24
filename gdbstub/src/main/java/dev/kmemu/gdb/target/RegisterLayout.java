package dev.kmemu.gdb.target;

import dev.kmemu.emulator.cpu.Register;
import dev.kmemu.emulator.debug.DebugTarget;
import dev.kmemu.gdb.agent.AgentRegister;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** The registers of a target by the numbers that its description gives them. Immutable. */
public final class RegisterLayout implements AgentRegister.Numbering {

  private final List<Feature> features;
  private final List<RegisterSlot> slots;
  private final int generalSlots;
  private final int generalBytes;

  private RegisterLayout(List<Feature> features, List<RegisterSlot> slots) {
    this.features = List.copyOf(features);
    this.slots = List.copyOf(slots);
    List<RegisterSlot> general =
        features.stream()
            .filter(Feature::isInGeneral)
            .flatMap(feature -> feature.slots().stream())
            .toList();
    this.generalSlots = general.size();
    this.generalBytes = general.stream().mapToInt(RegisterSlot::bytes).sum();
  }

  /** Returns the layout for what {@code target} has. */
  public static RegisterLayout of(DebugTarget target) {
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

  /** Returns how many slots, from the first on, the g packet carries. */
  int generalSlots() {
    return generalSlots;
  }

  /** Returns how long the values of the g packet are together. */
  int generalBytes() {
    return generalBytes;
  }

  /** Returns the feature of the slot with {@code number}. */
  Feature featureOf(int number) {
    int end = 0;
    for (Feature feature : features) {
      end += feature.slots().size();
      if (number < end) {
        return feature;
      }
    }
    throw new IllegalArgumentException("no register " + number);
  }

  @Override
  public Optional<AgentRegister> register(int number) {
    if (number >= slots.size() || slots.get(number).register().isWide()) {
      return Optional.empty();
    }
    RegisterSlot slot = slots.get(number);
    return Optional.of(
        new AgentRegister(slot.register(), -1L >>> (Long.SIZE - Byte.SIZE * slot.bytes())));
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
