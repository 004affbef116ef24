package dev.kmemu.emulator.unicorn;

import static org.assertj.core.api.Assertions.assertThat;

import dev.kmemu.emulator.cpu.CpuExit;
import dev.kmemu.emulator.cpu.Register;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/**
 * A PDE that turns from a page of 2 MiB into a table or back; Intel SDM vol. 3A, 4.10.2.3 and
 * 4.10.4.1: one INVLPG drops all that the TLB made of a large page.
 */
class PageSizeChangeTest {

  private static final long PD = 0x3000;
  private static final long PAGE_TABLE = 0x5000;
  private static final long WINDOW = TestMachine.CODE + 0x1_0000;
  private static final long PDE = WINDOW + 8;
  private static final long LARGE = 0x20_0000 | 0x83;
  private static final long SMALL = PAGE_TABLE | 3;
  private static final long FAR = 0x5000;

  private final RemapMachine guest = new RemapMachine();

  PageSizeChangeTest() {
    guest.machine.map(WINDOW, PD);
  }

  @AfterEach
  void close() {
    guest.close();
  }

  private long fromSmallToLarge(String between) {
    guest.fill(0x20_0000, RemapMachine.NEW);
    guest.machine.map(RemapMachine.PAGE, RemapMachine.OLD_FRAME);
    return guest.secondRead(between, PDE, LARGE);
  }

  private long fromLargeToSmall(String between) {
    guest.fill(PD + 8, LARGE);
    guest.fill(0x20_0000, RemapMachine.OLD);
    guest.machine.map(RemapMachine.PAGE, RemapMachine.NEW_FRAME);
    return guest.secondRead(between, PDE, SMALL);
  }

  @Test
  void withoutAFlushTheSmallPageStays() {
    assertThat(fromSmallToLarge(RemapMachine.NOTHING)).isEqualTo(RemapMachine.OLD);
  }

  @Test
  void afterInvlpgTheLargePageIsSeen() {
    assertThat(fromSmallToLarge(RemapMachine.INVLPG)).isEqualTo(RemapMachine.NEW);
  }

  @Test
  void withoutAFlushTheLargePageStays() {
    assertThat(fromLargeToSmall(RemapMachine.NOTHING)).isEqualTo(RemapMachine.OLD);
  }

  @Test
  void afterInvlpgTheSmallPageIsSeen() {
    assertThat(fromLargeToSmall(RemapMachine.INVLPG)).isEqualTo(RemapMachine.NEW);
  }

  @Test
  void oneInvlpgIsEnoughForAllOfALargePage() {
    guest.fill(PD + 8, LARGE);
    guest.fill(0x20_0000, RemapMachine.OLD);
    guest.fill(0x20_0000 + FAR, RemapMachine.OLD);
    guest.machine.map(RemapMachine.PAGE + FAR, RemapMachine.NEW_FRAME);
    // mov rax, [rsi]; mov rax, [rsi+0x5000]; mov [rdi], rdx; invlpg [rsi]; mov rbx, [rsi+0x5000]
    guest.machine.code("488b06 488b8600500000 488917 0f013e 488b9e00500000 f4");
    guest.machine.cpu.registers().write(Register.RSI, RemapMachine.PAGE);
    guest.machine.cpu.registers().write(Register.RDI, PDE);
    guest.machine.cpu.registers().write(Register.RDX, SMALL);
    assertThat(guest.machine.cpu.run()).isEqualTo(CpuExit.Halted.INSTANCE);
    assertThat(guest.machine.register(Register.RAX)).isEqualTo(RemapMachine.OLD);
    assertThat(guest.machine.register(Register.RBX)).isEqualTo(RemapMachine.NEW);
  }
}
