package dev.kmemu.emulator.unicorn;

import static org.assertj.core.api.Assertions.assertThat;

import dev.kmemu.emulator.cpu.CpuExit;
import dev.kmemu.emulator.cpu.Register;
import dev.kmemu.emulator.memory.PhysicalAddress;
import dev.kmemu.emulator.memory.VirtualAddress;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class OverwrittenCodeTest {

  private final TestMachine machine = new TestMachine();

  @AfterEach
  void close() {
    machine.close();
  }

  private long runFrom(long rip) {
    machine.cpu.registers().write(Register.RIP, rip);
    assertThat(machine.cpu.run()).isEqualTo(CpuExit.Halted.INSTANCE);
    return machine.register(Register.RAX);
  }

  /** mov eax, value; hlt */
  private void returns(long pa, int value) {
    byte[] code = {(byte) 0xB8, (byte) value, 0, 0, 0, (byte) 0xF4};
    machine.ram.write(new PhysicalAddress(pa), code, 0, code.length);
  }

  @Test
  void pagesWhoseFramesAreApartAreAllDropped() {
    long first = TestMachine.DATA;
    long second = first + 0x1000;
    long[] frames = {0x30_0000, 0x38_0000};
    machine.map(first, frames[0]);
    machine.map(second, frames[1]);
    returns(frames[0] + 0xFE0, 1);
    returns(frames[1] + 0x10, 2);
    assertThat(runFrom(first + 0xFE0)).isEqualTo(1);
    assertThat(runFrom(second + 0x10)).isEqualTo(2);
    returns(frames[0] + 0xFE0, 3);
    returns(frames[1] + 0x10, 4);
    machine.cpu.invalidateCode(new VirtualAddress(first + 0xFE0), 0x100);
    assertThat(runFrom(first + 0xFE0)).isEqualTo(3);
    assertThat(runFrom(second + 0x10)).isEqualTo(4);
  }

  @Test
  void aRangeThatIsNotMappedLeavesTheFaultAddressAlone() {
    machine.cpu.registers().write(Register.CR2, 0x1234);
    machine.cpu.invalidateCode(new VirtualAddress(TestMachine.DATA), 0x3000);
    machine.cpu.addBreakpoint(new VirtualAddress(TestMachine.DATA));
    assertThat(machine.register(Register.CR2)).isEqualTo(0x1234);
  }

  @Test
  void aRangeAtTheTopOfTheSpaceIsAccepted() {
    machine.cpu.invalidateCode(new VirtualAddress(-16), 16);
    machine.cpu.addBreakpoint(new VirtualAddress(-1));
    returns(TestMachine.CODE, 5);
    assertThat(runFrom(TestMachine.CODE)).isEqualTo(5);
  }
}
