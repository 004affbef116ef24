package dev.kmemu.emulator.unicorn;

import static org.assertj.core.api.Assertions.assertThat;

import dev.kmemu.emulator.cpu.CpuExit;
import dev.kmemu.emulator.cpu.Register;
import dev.kmemu.emulator.cpu.TrapAction;
import dev.kmemu.emulator.cpu.TrapFrame;
import dev.kmemu.emulator.memory.VirtualAddress;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class PageFaultsArriveAsPageFaultsTest {

  private static final int PAGES = 256;

  private final TestMachine machine = new TestMachine();

  private int faults;
  private int others;

  @AfterEach
  void close() {
    machine.close();
  }

  @Test
  void everyFirstTouchIsOnePageFaultWithItsAddressAndErrorCode() {
    // mov ecx, 256; next: mov [rsi], rax; add rsi, 4096; dec ecx; jnz next; hlt
    machine.code("b900010000 488906 4881c600100000 ffc9 75f2 f4");
    machine.cpu.registers().write(Register.RSI, TestMachine.DATA);
    machine.cpu.setTrapHandler(
        frame -> {
          long expected = TestMachine.DATA + (long) faults * VirtualAddress.PAGE_SIZE;
          if (frame.vector() != TrapFrame.PAGE_FAULT
              || frame.errorCode() != TrapFrame.PF_WRITE
              || frame.faultAddress() != expected
              || frame.rip() != TestMachine.CODE + 5) {
            others++;
            return TrapAction.END;
          }
          faults++;
          machine.map(expected, expected);
          return TrapAction.RESUME;
        });

    CpuExit exit = machine.cpu.run();

    assertThat(exit).isEqualTo(CpuExit.Halted.INSTANCE);
    assertThat(others).as("traps that weren't the expected page fault").isZero();
    assertThat(faults).isEqualTo(PAGES);
  }

  @Test
  void aMillionPageFaultsInOneRunAreAllPageFaults() {
    // next: mov [rsi], rax; out 0x80, al; dec ecx; jnz next; hlt
    machine.code("488906 e680 ffc9 75f7 f4");
    machine.cpu.registers().write(Register.RSI, TestMachine.DATA);
    machine.cpu.registers().write(Register.RCX, 1_000_000);
    machine.cpu.setPortBus(
        new RecordingPorts() {
          @Override
          public boolean write(int port, int size, int value) {
            machine.unmap(TestMachine.DATA);
            machine.cpu.tlb().invalidatePage(new VirtualAddress(TestMachine.DATA));
            return true;
          }
        });
    machine.cpu.setTrapHandler(
        frame -> {
          if (frame.vector() != TrapFrame.PAGE_FAULT) {
            others++;
            return TrapAction.END;
          }
          faults++;
          machine.map(TestMachine.DATA, TestMachine.DATA);
          return TrapAction.RESUME;
        });

    CpuExit exit = machine.cpu.run();

    assertThat(exit).isEqualTo(CpuExit.Halted.INSTANCE);
    assertThat(others).as("traps that weren't page faults").isZero();
    assertThat(faults).isEqualTo(1_000_000);
  }
}
