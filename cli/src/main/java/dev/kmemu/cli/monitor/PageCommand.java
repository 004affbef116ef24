package dev.kmemu.cli.monitor;

import dev.kmemu.emulator.memory.VirtualAddress;
import dev.kmemu.emulator.mmu.PageWalker;
import dev.kmemu.emulator.mmu.PagingMode;
import dev.kmemu.testkit.KernelMachine;
import dev.kmemu.vm.report.PageReport;
import java.util.List;

/** {@code page}: what the VM knows of a page. */
final class PageCommand implements MonitorCommand {

  private static final String PHYSICAL = "pa:";

  private final KernelMachine kernel;
  private final PausedCpu cpu;

  PageCommand(KernelMachine kernel, PausedCpu cpu) {
    this.kernel = kernel;
    this.cpu = cpu;
  }

  @Override
  public String name() {
    return "page";
  }

  @Override
  public String usage() {
    return "page ADDR|pa:PA";
  }

  @Override
  public String summary() {
    return "the vm_page behind an address, or at a physical one";
  }

  @Override
  public String execute(List<String> words) {
    String word = Words.only(words, this, "address");
    if (word.startsWith(PHYSICAL)) {
      return PageReport.of(kernel.vm(), Words.address(word.substring(PHYSICAL.length()), cpu));
    }
    VirtualAddress address = new VirtualAddress(Words.address(word, cpu));
    PagingMode mode = cpu.paging();
    long physical = cpu.memory().walker().translate(mode, address.value());
    if (physical == PageWalker.UNMAPPED) {
      throw new MonitorException(
          cpu.memory().explain(mode, address) + " (page pa:PA takes a physical address)");
    }
    return PageReport.of(kernel.vm(), physical);
  }
}
