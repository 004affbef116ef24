package dev.kmemu.emulator.unicorn;

import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.kmemu.emulator.cpu.CpuEngine;
import dev.kmemu.emulator.cpu.Register;
import dev.kmemu.emulator.memory.VirtualAddress;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.junit.jupiter.api.Named;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class ClosedCpuTest {

  private static final VirtualAddress CODE = new VirtualAddress(TestMachine.CODE);

  private final TestMachine machine = new TestMachine();

  private static Named<Consumer<CpuEngine>> use(String name, Consumer<CpuEngine> use) {
    return Named.of(name, use);
  }

  private static Stream<Named<Consumer<CpuEngine>>> uses() {
    return Stream.of(
        use("run", CpuEngine::run),
        use("continueRun", CpuEngine::continueRun),
        use("step", CpuEngine::step),
        use("read", cpu -> cpu.registers().read(Register.RAX)),
        use("read many", cpu -> cpu.registers().read(new Register[] {Register.RAX}, new long[1])),
        use("read wide", cpu -> cpu.registers().read(Register.XMM0, new byte[16], 0)),
        use("read CR8", cpu -> cpu.registers().read(Register.CR8)),
        use("write", cpu -> cpu.registers().write(Register.RAX, 1)),
        use("write wide", cpu -> cpu.registers().write(Register.XMM0, new byte[16], 0)),
        use("write CR8", cpu -> cpu.registers().write(Register.CR8, 1)),
        use("add a breakpoint", cpu -> cpu.addBreakpoint(CODE)),
        use("remove a breakpoint", cpu -> cpu.removeBreakpoint(CODE)),
        use("drop code", cpu -> cpu.invalidateCode(CODE, 1)),
        use("flush", cpu -> cpu.tlb().invalidateAll()));
  }

  @ParameterizedTest
  @MethodSource("uses")
  void everyUseIsAnException(Consumer<CpuEngine> use) {
    machine.cpu.close();
    assertThatThrownBy(() -> use.accept(machine.cpu))
        .isInstanceOf(IllegalStateException.class)
        .hasMessage("the CPU is closed");
    machine.ram.close();
  }

  @Test
  void closingTwiceAndStoppingAfterwardsDoNothing() {
    machine.close();
    machine.close();
    assertThatCode(machine.cpu::requestStop).doesNotThrowAnyException();
  }

  @Test
  void aFlushByAnotherThreadReturns() throws InterruptedException {
    machine.close();
    Thread other = new Thread(machine.cpu.tlb()::invalidateAll);
    other.start();
    other.join();
  }
}
