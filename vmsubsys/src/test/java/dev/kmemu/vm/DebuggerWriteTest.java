package dev.kmemu.vm;

import static dev.kmemu.vm.TestKernel.MIB;
import static org.assertj.core.api.Assertions.assertThat;

import dev.kmemu.emulator.memory.VirtualAddress;
import dev.kmemu.emulator.mmu.PagingMode;
import dev.kmemu.emulator.mmu.VirtualMemory;
import dev.kmemu.vm.pager.SwapConfig;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** What a debugger writes to pageable memory is as safe from pageout as the guest's own writes. */
class DebuggerWriteTest {

  private static final byte WRITTEN = 0x5A;

  private final TestKernel kernel = TestKernel.withSwap(8 * MIB, new SwapConfig.Memory(16));
  private final PageableMemory memory = new PageableMemory(kernel, 2);
  private final VirtualMemory debugger = new VirtualMemory(kernel.vm.ram());
  private final PagingMode paging =
      PagingMode.of(
          PagingMode.CR0_PG,
          kernel.vm.pml4().value(),
          PagingMode.CR4_PAE,
          PagingMode.EFER_LME | PagingMode.EFER_NXE,
          0);

  @AfterEach
  void check() {
    kernel.check();
  }

  private void debuggerWrites() {
    byte[] bytes = {WRITTEN};
    assertThat(debugger.write(paging, new VirtualAddress(memory.va(0)), bytes, 0, 1)).isEqualTo(1);
  }

  /** Pages the first page out, if it must be written, and has it reused. */
  private void takeThePage() {
    memory.forgetUse(1);
    kernel.inVm(() -> kernel.vm.pageState().deactivate(memory.page(0)));
    kernel.scanFor(1);
    kernel.scanFor(1);
    kernel.inVm(() -> kernel.vm.paging().reclaim().tryToFree(memory.page(0)));
    assertThat(memory.object().residentPage(0)).isNull();
  }

  @Test
  void aWriteToAPageThatWasNeverWrittenSurvivesPageout() {
    assertThat(memory.read(0)).isZero();

    debuggerWrites();
    takeThePage();

    assertThat(memory.read(0)).isEqualTo(WRITTEN);
  }

  @Test
  void aWriteToACleanPageThatIsInSwapSurvivesPageout() {
    memory.write(0, 1);
    takeThePage();
    assertThat(memory.read(0)).isEqualTo(1);

    debuggerWrites();
    takeThePage();

    assertThat(memory.read(0)).isEqualTo(WRITTEN);
  }
}
