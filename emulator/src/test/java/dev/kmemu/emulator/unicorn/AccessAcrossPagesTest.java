package dev.kmemu.emulator.unicorn;

import static org.assertj.core.api.Assertions.assertThat;

import dev.kmemu.emulator.cpu.CpuExit;
import dev.kmemu.emulator.cpu.Register;
import dev.kmemu.emulator.cpu.TrapAction;
import dev.kmemu.emulator.cpu.TrapFrame;
import dev.kmemu.emulator.memory.PhysicalAddress;
import dev.kmemu.emulator.memory.VirtualAddress;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/**
 * Eight bytes of which three are in one page and five in the next; Intel SDM vol. 3A, 4.7: CR2 is
 * the address that faulted, which for the second page is its first byte.
 */
class AccessAcrossPagesTest {

  private static final long FIRST = TestMachine.DATA;
  private static final long SECOND = FIRST + 0x1000;
  private static final long AT = SECOND - 3;
  private static final long FRAME = 0x30_0000;
  private static final long OTHER_FRAME = 0x32_0000;
  private static final String READ = "488b06 f4";
  private static final String WRITE = "488906 f4";

  private final TestMachine machine = new TestMachine();
  private int errorCode = -1;
  private long faultAddress;

  @AfterEach
  void close() {
    machine.close();
  }

  private CpuExit access(String code) {
    machine.code(code);
    machine.cpu.registers().write(Register.RSI, AT);
    machine.cpu.registers().write(Register.RAX, 0x8877_6655_4433_2211L);
    machine.cpu.setTrapHandler(
        frame -> {
          assertThat(frame.vector()).isEqualTo(TrapFrame.PAGE_FAULT);
          errorCode = frame.errorCode();
          faultAddress = frame.faultAddress();
          return TrapAction.END;
        });
    return machine.cpu.run();
  }

  private void mapReadOnly(long va, long frame) {
    machine.ram.store64(new PhysicalAddress(0x4000 + (va >>> 12) * 8), frame | 1);
  }

  @Test
  void bothPagesAreUsed() {
    machine.map(FIRST, FRAME);
    machine.map(SECOND, OTHER_FRAME);
    assertThat(access(WRITE)).isEqualTo(CpuExit.Halted.INSTANCE);
    assertThat(machine.ram.load64(FRAME + 0xFF8) >>> 40).isEqualTo(0x33_2211);
    assertThat(machine.ram.load64(OTHER_FRAME)).isEqualTo(0x88_7766_5544L);
    assertThat(machine.entryOf(FIRST) & 0x60).isEqualTo(0x60);
    assertThat(machine.entryOf(SECOND) & 0x60).isEqualTo(0x60);
  }

  @Test
  void theFirstPageFaultsAtTheAddressItself() {
    machine.map(SECOND, OTHER_FRAME);
    for (String code : new String[] {READ, WRITE}) {
      machine.cpu.registers().write(Register.RIP, TestMachine.CODE);
      machine.cpu.invalidateCode(new VirtualAddress(TestMachine.CODE), 16);
      access(code);
      assertThat(faultAddress).isEqualTo(AT);
      assertThat(errorCode).isEqualTo(code.equals(WRITE) ? TrapFrame.PF_WRITE : 0);
    }
  }

  @Test
  void theSecondPageFaultsAtItsFirstByte() {
    machine.map(FIRST, FRAME);
    access(READ);
    assertThat(faultAddress).isEqualTo(SECOND);
  }

  @Test
  void aWriteThatTheSecondPageRefusesLeavesTheFirstAlone() {
    machine.map(FIRST, FRAME);
    mapReadOnly(SECOND, OTHER_FRAME);
    access(WRITE);
    assertThat(faultAddress).isEqualTo(SECOND);
    assertThat(errorCode).isEqualTo(TrapFrame.PF_WRITE | TrapFrame.PF_PRESENT);
    assertThat(machine.ram.load64(FRAME + 0xFF8)).isZero();
  }
}
