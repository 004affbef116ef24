package dev.kmemu.emulator.unicorn;

import static org.assertj.core.api.Assertions.assertThat;

import dev.kmemu.emulator.cpu.CpuExit;
import dev.kmemu.emulator.cpu.Register;
import dev.kmemu.emulator.memory.PhysicalAddress;
import dev.kmemu.emulator.memory.VirtualAddress;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class TlbHazardTest {

  private static final long OLD_FRAME = 0x20_0000;
  private static final long NEW_FRAME = 0x20_1000;

  private final TestMachine machine = new TestMachine();

  @BeforeEach
  void mapTheOldFrame() {
    machine.ram.store64(new PhysicalAddress(OLD_FRAME), 1);
    machine.ram.store64(new PhysicalAddress(NEW_FRAME), 2);
    machine.map(TestMachine.DATA, OLD_FRAME);
    machine.cpu.registers().write(Register.RSI, TestMachine.DATA);
  }

  @AfterEach
  void close() {
    machine.close();
  }

  private void remapWhileTheGuestRuns(boolean flush) {
    // mov rax, [rsi]; out 0x80, al; mov rbx, [rsi]; hlt
    machine.code("488b06 e680 488b1e f4");
    machine.cpu.setPortBus(
        new RecordingPorts() {
          @Override
          public boolean write(int port, int size, int value) {
            machine.map(TestMachine.DATA, NEW_FRAME);
            if (flush) {
              machine.cpu.tlb().invalidatePage(new VirtualAddress(TestMachine.DATA));
            }
            return true;
          }
        });
    assertThat(machine.cpu.run()).isEqualTo(CpuExit.Halted.INSTANCE);
    assertThat(machine.register(Register.RAX)).isEqualTo(1);
  }

  @Test
  void afterAFlushTheGuestSeesTheNewFrame() {
    remapWhileTheGuestRuns(true);
    assertThat(machine.register(Register.RBX)).isEqualTo(2);
  }

  @Test
  void withoutAFlushTheGuestStillSeesTheOldOne() {
    remapWhileTheGuestRuns(false);
    assertThat(machine.register(Register.RBX)).as("the TLB is real").isEqualTo(1);
  }

  @Test
  void aFlushBetweenRunsCounts() {
    machine.code("488b06 f4");
    machine.cpu.run();
    machine.map(TestMachine.DATA, NEW_FRAME);
    machine.cpu.tlb().invalidateAll();
    machine.cpu.registers().write(Register.RIP, TestMachine.CODE);
    machine.cpu.run();
    assertThat(machine.register(Register.RAX)).isEqualTo(2);
  }

  @Test
  void theGuestsOwnInvlpgCounts() {
    long window = TestMachine.DATA + 0x1_0000;
    machine.map(window, 0x5000); // the page table that maps DATA
    // mov rax, [rsi]; mov [rdi], rdx; invlpg [rsi]; mov rbx, [rsi]; hlt
    machine.code("488b06 488917 0f013e 488b1e f4");
    machine.cpu.registers().write(Register.RDI, window);
    machine.cpu.registers().write(Register.RDX, NEW_FRAME | 3);
    assertThat(machine.cpu.run()).isEqualTo(CpuExit.Halted.INSTANCE);
    assertThat(machine.entryOf(TestMachine.DATA) & -4096).isEqualTo(NEW_FRAME);
    assertThat(machine.register(Register.RAX)).isEqualTo(1);
    assertThat(machine.register(Register.RBX)).isEqualTo(2);
  }
}
