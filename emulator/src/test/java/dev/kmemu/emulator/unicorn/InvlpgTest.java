package dev.kmemu.emulator.unicorn;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** INVLPG by the guest; Intel SDM vol. 3A, 4.10.4.1. */
class InvlpgTest {

  private final RemapMachine guest = new RemapMachine();

  @AfterEach
  void close() {
    guest.close();
  }

  @Test
  void withoutItTheOldTranslationIsUsed() {
    assertThat(guest.secondRead(RemapMachine.NOTHING, 0)).isEqualTo(RemapMachine.OLD);
  }

  @Test
  void itDropsThePage() {
    assertThat(guest.secondRead(RemapMachine.INVLPG, 0)).isEqualTo(RemapMachine.NEW);
  }

  @Test
  void anyAddressInThePageWillDo() {
    assertThat(guest.secondRead("0f01beff0f0000", 0)) // invlpg [rsi+0xfff]
        .isEqualTo(RemapMachine.NEW);
  }

  @Test
  void anotherPageKeepsItsTranslationHere() {
    assertThat(guest.secondRead("410f0138", 0)) // invlpg [r8]
        .as("the manual would allow it to be dropped")
        .isEqualTo(RemapMachine.OLD);
  }

  @Test
  void itDropsGlobalPagesToo() {
    guest.enableGlobalPages();
    assertThat(guest.secondRead(RemapMachine.INVLPG, RemapMachine.GLOBAL))
        .isEqualTo(RemapMachine.NEW);
  }
}
