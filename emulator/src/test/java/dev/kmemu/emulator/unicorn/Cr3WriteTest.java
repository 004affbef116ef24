package dev.kmemu.emulator.unicorn;

import static org.assertj.core.api.Assertions.assertThat;

import dev.kmemu.emulator.cpu.Register;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** MOV to CR3 by the guest and by the host; Intel SDM vol. 3A, 4.10.4.1 and 4.10.2.4. */
class Cr3WriteTest {

  private final RemapMachine guest = new RemapMachine();

  @AfterEach
  void close() {
    guest.close();
  }

  @Test
  void itDropsPagesThatAreNotGlobal() {
    guest.enableGlobalPages();
    assertThat(guest.secondRead(RemapMachine.WRITE_CR3, 0)).isEqualTo(RemapMachine.NEW);
  }

  @Test
  void theGlobalBitMeansNothingWithoutPge() {
    assertThat(guest.secondRead(RemapMachine.WRITE_CR3, RemapMachine.GLOBAL))
        .isEqualTo(RemapMachine.NEW);
  }

  /** A CPU keeps them if it can, and may drop any entry at any time (4.10.4). */
  @Test
  void globalPagesAreDroppedTooWhichTheManualAllows() {
    guest.enableGlobalPages();
    assertThat(guest.secondRead(RemapMachine.WRITE_CR3, RemapMachine.GLOBAL))
        .isEqualTo(RemapMachine.NEW);
  }

  @Test
  void anotherSpaceIsSeenAtOnce() {
    TestMachine machine = guest.machine;
    long pml4 = 0x8000;
    long[] tables = {pml4, 0x9000, 0xA000, 0xB000};
    for (int i = 0; i < 2; i++) {
      guest.fill(tables[i], tables[i + 1] | 3);
    }
    guest.fill(0xA000, 0x4000 | 3); // the code's page table, shared
    guest.fill(0xA008, 0xB000 | 3);
    guest.fill(0xB000, RemapMachine.NEW_FRAME | 3);
    machine.map(RemapMachine.PAGE, RemapMachine.OLD_FRAME);
    // mov rax, [rsi]; mov cr3, rdi; mov rbx, [rsi]; hlt
    machine.code("488b06 0f22df 488b1e f4");
    machine.cpu.registers().write(Register.RSI, RemapMachine.PAGE);
    machine.cpu.registers().write(Register.RDI, pml4);
    machine.cpu.run();
    assertThat(machine.register(Register.RAX)).isEqualTo(RemapMachine.OLD);
    assertThat(machine.register(Register.RBX)).isEqualTo(RemapMachine.NEW);
  }

  @Test
  void aWriteByTheHostCountsAsWell() {
    TestMachine machine = guest.machine;
    machine.map(RemapMachine.PAGE, RemapMachine.OLD_FRAME);
    machine.code("488b06 f4");
    machine.cpu.registers().write(Register.RSI, RemapMachine.PAGE);
    machine.cpu.run();
    machine.map(RemapMachine.PAGE, RemapMachine.NEW_FRAME);
    machine.cpu.registers().write(Register.RIP, TestMachine.CODE);
    machine.cpu.run();
    assertThat(machine.register(Register.RAX)).as("before").isEqualTo(RemapMachine.OLD);
    machine.cpu.registers().write(Register.CR3, machine.register(Register.CR3));
    machine.cpu.registers().write(Register.RIP, TestMachine.CODE);
    machine.cpu.run();
    assertThat(machine.register(Register.RAX)).isEqualTo(RemapMachine.NEW);
  }
}
