package dev.kmemu.campaign.map;

import dev.kmemu.campaign.Failure;
import dev.kmemu.campaign.guest.AccessCpu;
import dev.kmemu.campaign.guest.AccessType;
import dev.kmemu.campaign.map.MapVerb.Operands;
import dev.kmemu.campaign.sched.Turns;
import dev.kmemu.emulator.cpu.TrapFrame;
import dev.kmemu.vm.KernelVm;
import dev.kmemu.vm.fault.FaultFlags;
import dev.kmemu.vm.kern.KernReturn;
import dev.kmemu.vm.kern.VmProt;
import org.jspecify.annotations.Nullable;

/**
 * Accesses of the threads of a section. No other thread runs during an access itself, so that what
 * it finds is certain to be what the model has then. The fault that it takes is served afterwards,
 * while others may run.
 */
final class SectionAccesses {

  /** A fault that was served so often without the access being made is served for ever. */
  private static final int MOST_FAULTS = 50;

  private final KernelVm vm;
  private final AccessCpu cpu;
  private final Turns turns;
  private final MapAccesses accesses;
  private final Overlaps overlaps;

  SectionAccesses(
      KernelVm vm, AccessCpu cpu, Turns turns, MapAccesses accesses, Overlaps overlaps) {
    this.vm = vm;
    this.cpu = cpu;
    this.turns = turns;
    this.accesses = accesses;
    this.overlaps = overlaps;
  }

  @Nullable Failure one(SpaceModel model, AccessType type, boolean user, int number) {
    boolean store = type == AccessType.STORE;
    long value = accesses.nextStamp();
    try (Overlaps.Use use = overlaps.begin(model, number, number, false)) {
      String outcome = MapAccesses.SERVED_FOR_EVER;
      for (int i = 0; i < MOST_FAULTS; i++) {
        turns.mayPreempt("access");
        cpu.clear();
        int access = cpu.add(type, Operands.PAGE.at(number), value);
        cpu.runUnserved(user);
        if (cpu.vector(access) == AccessCpu.NONE) {
          accesses.uses(model, number);
          return made(model, number, store, store ? value : cpu.result(access));
        }
        if (cpu.vector(access) != TrapFrame.PAGE_FAULT) {
          outcome = "exception " + cpu.vector(access);
          break;
        }
        KernReturn result = serve(model, number, store);
        if (result != KernReturn.SUCCESS) {
          outcome = outcome(result);
          break;
        }
      }
      return judge(model, number, store, outcome, use.hasMet());
    }
  }

  private KernReturn serve(SpaceModel model, int number, boolean store) {
    return vm.faults()
        .fault(
            model.space.map(),
            Operands.PAGE.at(number),
            store ? VmProt.WRITE : VmProt.READ,
            store ? FaultFlags.DIRTY : FaultFlags.NORMAL);
  }

  private static String outcome(KernReturn result) {
    return switch (result) {
      case INVALID_ADDRESS -> MapAccesses.NOT_MAPPED;
      case PROTECTION_FAILURE -> MapAccesses.FORBIDDEN;
      default -> result.toString();
    };
  }

  private @Nullable Failure made(SpaceModel model, int number, boolean store, long word) {
    SpacePage page = model.page(number);
    Overlaps.Use changing = overlaps.mapping(model, number);
    if (page == null) {
      Long stored = changing == null ? null : changing.stored(number);
      if (changing == null || (!store && word != (stored == null ? 0 : stored))) {
        return failure(store, number, MapAccesses.NOT_MAPPED, text(word));
      }
      if (store) {
        Overlaps.storesEarly(changing, number, word);
      }
      return null;
    }
    String expected = MapAccesses.expected(page, store);
    if (!expected.equals(MapAccesses.OK) && changing == null) {
      return failure(store, number, expected, text(word));
    }
    if (store) {
      overlaps.stores(page.contents);
      page.contents.set(word);
      return null;
    }
    long known = page.contents.word();
    return page.contents.accepts(word) ? null : failure(false, number, text(known), text(word));
  }

  private static @Nullable Failure judge(
      SpaceModel model, int number, boolean store, String outcome, boolean met) {
    SpacePage page = model.page(number);
    String expected = MapAccesses.expected(page, store);
    boolean denied =
        outcome.equals(MapAccesses.NOT_MAPPED) || outcome.equals(MapAccesses.FORBIDDEN);
    boolean excused = met || (store && page != null && page.mayRefuseStores());
    return outcome.equals(expected) || (denied && excused)
        ? null
        : failure(store, number, expected, outcome);
  }

  private static String text(long word) {
    return String.format("%s (0x%x)", MapAccesses.OK, word);
  }

  private static Failure failure(boolean store, int number, String expected, String actual) {
    return Failure.of(
        "concurrent-access",
        store ? "store" : "load",
        String.format("0x%x: %s", Operands.PAGE.at(number), expected),
        actual);
  }
}
