package dev.kmemu.testkit;

import static org.assertj.core.api.Assertions.assertThat;

import dev.kmemu.vm.kern.VmProt;
import dev.kmemu.vm.map.Inheritance;
import dev.kmemu.vm.space.ModelledSpace;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Programs in ring 3 of a parent and its child. */
class ForkedGuestTest {

  private static final int RW = VmProt.READ | VmProt.WRITE;

  private final SpaceProbe guest = new SpaceProbe(8);
  private final ModelledSpace parent = ModelledSpace.create(guest.vm(), 2);

  @AfterEach
  void checkAndClose() {
    assertThat(guest.vm().check()).isEmpty();
    guest.close();
  }

  private ModelledSpace fork(Inheritance inheritance) {
    parent.map(0, 2, RW);
    parent.inherit(0, 2, inheritance);
    guest.enter(parent.space());
    store(parent, 1);
    return parent.fork();
  }

  private void store(ModelledSpace space, long word) {
    assertThat(guest.store(space.space(), ModelledSpace.at(0), word)).isEmpty();
  }

  private long load(ModelledSpace space) {
    assertThat(guest.load(space.space(), ModelledSpace.at(0))).isEmpty();
    return guest.word();
  }

  @Test
  void neitherSeesWhatTheOtherWritesToItsCopy() {
    ModelledSpace child = fork(Inheritance.COPY);
    assertThat(load(child)).isEqualTo(1);
    assertThat(load(parent)).isEqualTo(1);

    store(child, 2);
    assertThat(load(parent)).isEqualTo(1);
    store(parent, 3);

    assertThat(load(child)).isEqualTo(2);
    assertThat(load(parent)).isEqualTo(3);
  }

  @Test
  void bothSeeWhatEitherWritesToSharedMemory() {
    ModelledSpace child = fork(Inheritance.SHARE);

    store(child, 2);
    assertThat(load(parent)).isEqualTo(2);
    store(parent, 3);

    assertThat(load(child)).isEqualTo(3);
  }

  @Test
  void aChildHasNothingWhereNothingIsInherited() {
    parent.map(0, 1, RW);
    parent.inherit(0, 1, Inheritance.NONE);
    ModelledSpace child = parent.fork();
    guest.enter(child.space());

    assertThat(guest.load(child.space(), ModelledSpace.at(0))).startsWith("SIGSEGV: no entry");
    assertThat(guest.store(child.space(), ModelledSpace.at(0), 1)).startsWith("SIGSEGV: no entry");
  }
}
