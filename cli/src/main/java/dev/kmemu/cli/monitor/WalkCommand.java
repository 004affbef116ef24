package dev.kmemu.cli.monitor;

import dev.kmemu.emulator.memory.VirtualAddress;
import dev.kmemu.emulator.mmu.PagingMode;
import dev.kmemu.emulator.mmu.Translation;
import dev.kmemu.emulator.mmu.WalkReport;
import dev.kmemu.vm.KernelVm;
import dev.kmemu.vm.report.AddressReport;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** {@code walk ADDR [CR3]}: every level of the page tables, and what the kernel VM thinks. */
final class WalkCommand implements MonitorCommand {

  private final PausedCpu cpu;
  private final @Nullable KernelVm vm;

  WalkCommand(PausedCpu cpu, @Nullable KernelVm vm) {
    this.cpu = cpu;
    this.vm = vm;
  }

  @Override
  public String name() {
    return "walk";
  }

  @Override
  public String usage() {
    return "walk ADDR [CR3]";
  }

  @Override
  public String summary() {
    return "every level of the page tables for ADDR, by the current CR3 or another";
  }

  @Override
  public String execute(List<String> words) {
    if (words.isEmpty() || words.size() > 2) {
      throw new MonitorException("walk takes one address, and a CR3 if you like: " + usage());
    }
    VirtualAddress address = new VirtualAddress(Words.address(words.get(0), cpu));
    PagingMode mode = cpu.paging();
    if (words.size() == 2) {
      mode = mode.withCr3(Words.address(words.get(1), cpu));
    }
    Translation translation = cpu.memory().walker().walk(mode, address);
    String text = WalkReport.of(mode, address, translation);
    if (vm == null) {
      return text;
    }
    long physical = cpu.memory().walker().translate(mode, address.value());
    return text + AddressReport.of(vm, mode.topTable().value(), address.value(), physical);
  }
}
