package dev.kmemu.emulator.unicorn;

import static org.assertj.core.api.Assertions.assertThat;

import dev.kmemu.emulator.cpu.CpuExit;
import dev.kmemu.emulator.cpu.Register;
import dev.kmemu.emulator.cpu.TrapAction;
import dev.kmemu.emulator.memory.PhysicalAddress;
import dev.kmemu.emulator.memory.VirtualAddress;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/**
 * Entries that the host changes behind the CPU's back; Intel SDM vol. 3A, 4.10.4.2 and 4.10.4.3.
 */
class HostEntryChangeTest {

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
  void aPageThatBecomesPresentNeedsNoFlush() {
    machine.unmap(TestMachine.DATA);
    machine.code("488b06 f4");
    machine.cpu.setTrapHandler(
        frame -> {
          machine.map(TestMachine.DATA, NEW_FRAME);
          return TrapAction.RESUME;
        });
    machine.cpu.run();
    assertThat(machine.register(Register.RAX)).isEqualTo(2);
  }

  /** Two writes with {@code change} in between. */
  private int faultsOfTwoWrites(Runnable change) {
    // mov [rsi], rax; out 0x80, al; mov [rsi], rax; hlt
    machine.code("488906 e680 488906 f4");
    machine.cpu.setPortBus(
        new RecordingPorts() {
          @Override
          public boolean write(int port, int size, int value) {
            change.run();
            return true;
          }
        });
    AtomicInteger faults = new AtomicInteger();
    machine.cpu.setTrapHandler(
        frame -> {
          faults.incrementAndGet();
          return TrapAction.END;
        });
    machine.cpu.run();
    return faults.get();
  }

  private void setEntry(long entry) {
    machine.ram.store64(new PhysicalAddress(0x5000), entry);
  }

  @Test
  void withoutAFlushAPageThatBecameReadOnlyIsStillWritten() {
    assertThat(faultsOfTwoWrites(() -> setEntry(OLD_FRAME | 1))).isZero();
  }

  @Test
  void afterAFlushAPageThatBecameReadOnlyFaults() {
    int faults =
        faultsOfTwoWrites(
            () -> {
              setEntry(OLD_FRAME | 1);
              machine.cpu.tlb().invalidatePage(TestMachine.DATA);
            });
    assertThat(faults).isEqualTo(1);
  }

  /** Intel SDM vol. 3A, 4.8: a CPU may fail to set a flag that was cleared without a flush. */
  @Test
  void withoutAFlushAClearedDirtyBitStaysClear() {
    assertThat(faultsOfTwoWrites(() -> setEntry(OLD_FRAME | 3))).isZero();
    assertThat(machine.entryOf(TestMachine.DATA)).isEqualTo(OLD_FRAME | 3);
  }

  @Test
  void afterAFlushAClearedDirtyBitIsSetAgain() {
    int faults =
        faultsOfTwoWrites(
            () -> {
              setEntry(OLD_FRAME | 3);
              machine.cpu.tlb().invalidatePage(TestMachine.DATA);
            });
    assertThat(faults).isZero();
    assertThat(machine.entryOf(TestMachine.DATA)).isEqualTo(OLD_FRAME | 3 | 0x60);
  }
}
