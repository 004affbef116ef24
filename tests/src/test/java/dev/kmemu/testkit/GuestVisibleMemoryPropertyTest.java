package dev.kmemu.testkit;

import static org.assertj.core.api.Assertions.assertThat;

import dev.kmemu.emulator.cpu.CpuExit;
import dev.kmemu.emulator.cpu.TrapFrame;
import dev.kmemu.vm.KernelVm;
import dev.kmemu.vm.fault.FaultHistory;
import dev.kmemu.vm.fault.FaultOutcome;
import dev.kmemu.vm.model.Access;
import dev.kmemu.vm.model.PageModel;
import dev.kmemu.vm.model.Stage;
import dev.kmemu.vm.model.Steps;
import dev.kmemu.vm.page.VmPage;
import dev.kmemu.vm.pmap.PmapMappings;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Random;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import net.jqwik.api.state.ActionChain;
import net.jqwik.api.state.ActionChainArbitrary;
import org.jspecify.annotations.Nullable;

/** What the real CPU sees of the kernel's memory after random operations on it. */
class GuestVisibleMemoryPropertyTest {

  private static final int OPERATIONS = 40;

  /** The machine of the current try: the chain asks for its VM when it is run. */
  private @Nullable GuestProbe probe;

  @Provide
  Arbitrary<ActionChain<Stage>> operations() {
    return chains();
  }

  private ActionChainArbitrary<Stage> chains() {
    return Steps.chains(() -> Objects.requireNonNull(probe).vm(), OPERATIONS);
  }

  @Property(tries = 25)
  void theCpuAgreesWithTheModelOnEveryAddress(
      @ForAll("operations") ActionChain<Stage> operations, @ForAll long choice) {
    try (GuestProbe guest = new GuestProbe()) {
      probe = guest;
      Stage stage = operations.run();
      stage.verify();
      watch(guest.vm(), stage);
      List<GuestProbe.Request> requests = requests(stage, new Random(choice));
      List<GuestProbe.Answer> answers = guest.ask(requests);
      for (int i = 0; i < requests.size(); i++) {
        compare(stage, requests.get(i), answers.get(i));
      }
      compareAccessedAndModified(guest.vm(), stage);
      stage.verify();
      stage.freeEverything();
    }
  }

  private static List<GuestProbe.Request> requests(Stage stage, Random random) {
    List<GuestProbe.Request> requests = new ArrayList<>();
    for (long va : stage.addresses()) {
      for (int times = random.nextInt(3); times > 0; times--) {
        requests.add(new GuestProbe.Request(va, random.nextBoolean(), random.nextLong()));
      }
    }
    return requests;
  }

  private static void compare(Stage stage, GuestProbe.Request request, GuestProbe.Answer answer) {
    Access expected = stage.model().touch(request.va(), request.store(), request.word());
    String what =
        String.format(
            "%s 0x%x after%n    %s", request.store() ? "store to" : "load of", request.va(), stage);
    assertThat(answer.faults()).as("faults of a %s", what).isEqualTo(expected.faults() ? 1 : 0);
    FaultHistory.Fault fault = answer.fault();
    if (fault != null) {
      assertThat(fault.va()).as("CR2 of a %s", what).isEqualTo(request.va());
      assertThat(fault.errorCode())
          .as("error code of a %s", what)
          .isEqualTo(
              (request.store() ? TrapFrame.PF_WRITE : 0)
                  | (expected.mapped() ? TrapFrame.PF_PRESENT : 0));
      assertThat(fault.outcome()).as("outcome of a %s", what).isEqualTo(outcome(expected.end()));
    }
    boolean done = expected.end() == Access.End.DONE;
    if (done) {
      assertThat(answer.rax()).as("word of a %s", what).isEqualTo(expected.word());
    }
    assertThat(answer.recovered())
        .as("recovery of a %s", what)
        .isEqualTo(!done && !expected.isPanic());
    assertThat(answer.end())
        .as("end of a %s", what)
        .isEqualTo(expected.isPanic() ? CpuExit.HandlerEnded.INSTANCE : CpuExit.Halted.INSTANCE);
  }

  private static FaultOutcome outcome(Access.End end) {
    return switch (end) {
      case DONE -> FaultOutcome.RESOLVED;
      case NO_ENTRY -> FaultOutcome.INVALID_ADDRESS;
      case FORBIDDEN -> FaultOutcome.PROTECTION;
      case NOFAULT_PANIC, NO_OBJECT_PANIC -> FaultOutcome.PANIC;
    };
  }

  /** Takes all A and M bits away, also from the CPU's TLB. */
  private static void watch(KernelVm vm, Stage stage) {
    forEachMapped(
        vm,
        stage,
        (page, model) -> {
          vm.pmap().mappings().clearReference(page);
          vm.pmap().mappings().clearModify(page);
          model.watch();
        });
  }

  private static void compareAccessedAndModified(KernelVm vm, Stage stage) {
    PmapMappings mappings = vm.pmap().mappings();
    forEachMapped(
        vm,
        stage,
        (page, model) -> {
          assertThat(mappings.isModified(page)).as("M of %s", page).isEqualTo(model.isModified());
          assertThat(mappings.testAndClearReferenced(page))
              .as("A of %s", page)
              .isEqualTo(model.isAccessed() ? 1 : 0);
          assertThat(mappings.testAndClearReferenced(page)).as("A once cleared").isZero();
        });
  }

  private interface MappedPage {
    void visit(VmPage page, PageModel model);
  }

  private static void forEachMapped(KernelVm vm, Stage stage, MappedPage visitor) {
    vm.tokens().vm().get();
    try {
      stage
          .model()
          .pages()
          .forEach(
              (va, model) -> {
                if (model.isMapped()) {
                  visitor.visit(vm.pages().at(vm.pmap().extract(va)), model);
                }
              });
    } finally {
      vm.tokens().vm().release();
    }
  }
}
