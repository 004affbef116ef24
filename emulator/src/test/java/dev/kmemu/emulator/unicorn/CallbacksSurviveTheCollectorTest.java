package dev.kmemu.emulator.unicorn;

import static org.assertj.core.api.Assertions.assertThat;

import dev.kmemu.emulator.cpu.CpuExit;
import dev.kmemu.emulator.cpu.Register;
import dev.kmemu.emulator.cpu.TrapAction;
import dev.kmemu.emulator.memory.VirtualAddress;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class CallbacksSurviveTheCollectorTest {

  private final TestMachine machine = new TestMachine();

  @AfterEach
  void close() {
    machine.close();
  }

  @Test
  void everyKindOfCallbackStillWorksAfterACollection() {
    // next: out 0x80, al; in al, 0x80; mov [rsi], rax; mov [rdi], rax; ud2; dec ecx; jnz next; hlt
    machine.code("e680 e480 488906 488907 0f0b ffc9 75f0 f4");
    machine.map(TestMachine.DATA + 0x1000, 0x7000_0000L); // open bus
    machine.cpu.registers().write(Register.RSI, TestMachine.DATA);
    machine.cpu.registers().write(Register.RDI, TestMachine.DATA + 0x1000);
    machine.cpu.registers().write(Register.RCX, 20);
    machine.cpu.addBreakpoint(new VirtualAddress(TestMachine.CODE + 4));
    int[] traps = new int[1];
    machine.cpu.setPortBus(
        new RecordingPorts() {
          @Override
          public boolean write(int port, int size, int value) {
            System.gc();
            return true;
          }
        });
    machine.cpu.setTrapHandler(
        frame -> {
          traps[0]++;
          System.gc();
          if (frame.vector() == 6) {
            machine.unmap(TestMachine.DATA);
            machine.cpu.tlb().invalidateAll();
            frame.setRip(frame.rip() + 2);
          } else {
            machine.map(TestMachine.DATA, TestMachine.DATA);
          }
          return TrapAction.RESUME;
        });
    int hits = 0;
    while (machine.cpu.run() == CpuExit.BreakpointHit.INSTANCE) {
      hits++;
    }
    assertThat(hits).isEqualTo(20);
    assertThat(traps[0]).as("a page fault and an invalid opcode each").isEqualTo(40);
    assertThat(machine.register(Register.RIP)).isEqualTo(TestMachine.CODE + 17);
  }
}
