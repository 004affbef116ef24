package dev.kmemu.emulator.unicorn;

import static org.assertj.core.api.Assertions.assertThat;

import dev.kmemu.emulator.cpu.Register;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** MOV to CR4 that changes PGE: how a kernel drops global pages; Intel SDM vol. 3A, 4.10.4.1. */
class Cr4PgeToggleTest {

  private final RemapMachine guest = new RemapMachine();

  @AfterEach
  void close() {
    guest.close();
  }

  @Test
  void clearingItDropsGlobalPages() {
    guest.enableGlobalPages();
    assertThat(guest.secondRead(RemapMachine.TOGGLE_PGE, RemapMachine.GLOBAL))
        .isEqualTo(RemapMachine.NEW);
    assertThat(guest.machine.register(Register.CR4) & 0x80).isZero();
  }

  @Test
  void settingItDropsAllPages() {
    assertThat(guest.secondRead(RemapMachine.TOGGLE_PGE, 0)).isEqualTo(RemapMachine.NEW);
    assertThat(guest.machine.register(Register.CR4) & 0x80).isNotZero();
  }

  @Test
  void writingWhatIsThereDropsNothingHere() {
    assertThat(guest.secondRead("0f20e1 0f22e1", 0)) // mov rcx, cr4; mov cr4, rcx
        .as("the manual would allow it to be dropped")
        .isEqualTo(RemapMachine.OLD);
  }
}
