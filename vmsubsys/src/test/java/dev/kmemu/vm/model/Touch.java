package dev.kmemu.vm.model;

import static org.assertj.core.api.Assertions.assertThat;

import dev.kmemu.emulator.cpu.TrapFrame;
import dev.kmemu.emulator.cpu.TrapVerdict;
import dev.kmemu.vm.FakeTrapFrame;
import dev.kmemu.vm.pmap.PteBits;

/** A load or a store as a CPU does it: by the page tables, or with a fault. */
final class Touch extends Step {

  private final boolean store;
  private final Place place;

  Touch(boolean store, Place place) {
    this.store = store;
    this.place = place;
  }

  @Override
  String call(Stage stage) {
    return String.format("%s(0x%x)", store ? "store" : "load", place.in(stage).from());
  }

  @Override
  String run(Stage stage) {
    long va = place.in(stage).from();
    long word = store ? va ^ place.bytes() : 0;
    Access expected = stage.model.touch(va, store, word);
    long pte = stage.vm.pmap().tables().pte(va);
    boolean faults = (pte & PteBits.V) == 0 || (store && (pte & PteBits.RW) == 0);
    assertThat(faults).as("an access to 0x%x faults", va).isEqualTo(expected.faults());
    if (faults) {
      int code = (store ? TrapFrame.PF_WRITE : 0) | (expected.mapped() ? TrapFrame.PF_PRESENT : 0);
      TrapVerdict verdict = stage.vm.hostKernel().pageFault(new FakeTrapFrame().at(va, code));
      assertThat(verdict).isInstanceOf(verdictOf(expected.end()));
    }
    if (expected.end() == Access.End.DONE) {
      if (store) {
        stage.write(va, word);
      }
      assertThat(stage.read(va)).as("word at 0x%x", va).isEqualTo(expected.word());
    }
    return expected.end() + (expected.faults() ? ", by a fault" : "");
  }

  private static Class<? extends TrapVerdict> verdictOf(Access.End end) {
    return switch (end) {
      case DONE -> TrapVerdict.Resume.class;
      case NO_ENTRY, FORBIDDEN -> TrapVerdict.Fatal.class;
      case NOFAULT_PANIC, NO_OBJECT_PANIC -> TrapVerdict.Panic.class;
    };
  }
}
