package dev.kmemu.cli.monitor;

import dev.kmemu.cli.report.RunReport;
import dev.kmemu.cli.report.TextReport;
import dev.kmemu.emulator.memory.VirtualAddress;
import dev.kmemu.emulator.mmu.LevelEntry;
import dev.kmemu.emulator.mmu.PageWalker;
import dev.kmemu.emulator.mmu.PagingMode;
import dev.kmemu.emulator.mmu.Translation;
import dev.kmemu.testkit.KernelMachine;
import dev.kmemu.vm.report.MapEntryReport;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** {@code vmmap}: the kernel map beside the page tables. */
final class VmmapCommand implements MonitorCommand {

  private final KernelMachine kernel;
  private final PausedCpu cpu;

  VmmapCommand(KernelMachine kernel, PausedCpu cpu) {
    this.kernel = kernel;
    this.cpu = cpu;
  }

  @Override
  public String name() {
    return "vmmap";
  }

  @Override
  public String usage() {
    return "vmmap";
  }

  @Override
  public String summary() {
    return "the entries of kernel_map, and how much of each the tables map";
  }

  @Override
  public String details() {
    return """
        An entry that is wired and not mapped as a whole is marked with !.
        """;
  }

  @Override
  public String execute(List<String> words) {
    Words.none(words, this);
    RunReport report = RunReport.ofVm(kernel);
    Map<MapEntryReport, Long> mapped = new HashMap<>();
    for (MapEntryReport entry : report.entries()) {
      mapped.put(entry, mappedPages(entry));
    }
    return TextReport.kernelMap(report, mapped);
  }

  private long mappedPages(MapEntryReport entry) {
    PagingMode mode = kernel.paging();
    PageWalker walker = cpu.memory().walker();
    long pages = 0;
    for (long va = entry.start().value(); va != entry.end().value(); ) {
      Translation translation = walker.walk(mode, new VirtualAddress(va));
      if (translation instanceof Translation.Mapped) {
        pages++;
        va += VirtualAddress.PAGE_SIZE;
      } else {
        va += Math.min(hole(translation, va), entry.end().value() - va);
      }
    }
    return pages;
  }

  /** An entry that isn't present is one hole, however much it covers. */
  private static long hole(Translation translation, long va) {
    List<LevelEntry> levels = translation.levels();
    if (levels.isEmpty()) {
      return VirtualAddress.PAGE_SIZE;
    }
    long bytes = levels.get(levels.size() - 1).level().coverage();
    return bytes - (va & (bytes - 1));
  }
}
