package dev.kmemu.cli.report;

import dev.kmemu.emulator.boot.ElfImage;
import dev.kmemu.emulator.cpu.TrapFrame;
import dev.kmemu.emulator.machine.RamSize;
import dev.kmemu.emulator.memory.VirtualAddress;
import dev.kmemu.emulator.unicorn.Unicorn;
import dev.kmemu.testkit.GuestWorkload;
import dev.kmemu.vm.fault.FaultHistory;
import dev.kmemu.vm.report.MapEntryReport;
import dev.kmemu.vm.report.WiredPageReport;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/** The report as people read it, at most 80 columns wide. */
public final class TextReport {

  private static final int MOST_ROWS = 32;
  private static final int COUNTERS_PER_LINE = 2;

  private TextReport() {}

  /** Returns what is about to run, one line. */
  public static String header(
      Unicorn unicorn, RamSize ram, ElfImage image, GuestWorkload workload) {
    return String.format(
        "kmemu: %s on Unicorn %s, %s RAM, boot block at %s",
        image.name(), unicorn.version(), ram, workload.bootBlock());
  }

  /** Returns the whole report. */
  public static String of(RunReport report) {
    return kernelMap(report)
        + wired(report)
        + faults(report)
        + counters(report)
        + "\nGuest: "
        + report.outcomeText()
        + "\n";
  }

  /** Returns the entries of the kernel map. */
  public static String kernelMap(RunReport report) {
    return kernelMap(report, Map.of());
  }

  /**
   * Returns the entries of the kernel map, with how much of each is mapped.
   *
   * @param mapped the pages that the tables map, by entry; empty to leave that out
   */
  public static String kernelMap(RunReport report, Map<MapEntryReport, Long> mapped) {
    StringBuilder text = new StringBuilder();
    text.append(
        String.format(
            "%nKernel map (kvm_size 0x%x, kvm_free 0x%x)%n  %-18s %-18s %5s %-6s %-13s %5s %s%n",
            report.kvmSize(),
            report.kvmFree(),
            "start",
            "end",
            "size",
            "type",
            "object",
            "wired",
            "eflags"));
    for (MapEntryReport entry : report.entries()) {
      Long pages = mapped.get(entry);
      text.append(
          String.format(
              "  %s %s %5s %-6s %-13s %5d 0x%x%s%n",
              entry.start(),
              entry.end(),
              size(entry.end().minus(entry.start())),
              entry.type().toString().toLowerCase(Locale.ROOT),
              entry.object(),
              entry.wiredCount(),
              entry.eflags(),
              pages == null ? "" : mapped(entry, pages)));
    }
    return text.toString();
  }

  private static String mapped(MapEntryReport entry, long pages) {
    long bytes = pages * VirtualAddress.PAGE_SIZE;
    boolean differs = entry.wiredCount() > 0 && bytes != entry.end().minus(entry.start());
    return "  " + size(bytes) + " mapped" + (differs ? " !" : "");
  }

  /** Returns kvm_size, kvm_free and the counters. */
  public static String counters(RunReport report) {
    StringBuilder text =
        new StringBuilder(
            String.format(
                "%nCounters%n  %-27s %10s  %-27s %10s%n",
                "kvm_size", size(report.kvmSize()), "kvm_free", size(report.kvmFree())));
    int column = 0;
    for (Map.Entry<String, Long> counter : report.counters().entrySet()) {
      text.append(String.format("  %-27s %10d", counter.getKey(), counter.getValue()));
      if (++column % COUNTERS_PER_LINE == 0) {
        text.append('\n');
      }
    }
    return column % COUNTERS_PER_LINE == 0 ? text.toString() : text.append('\n').toString();
  }

  private static String wired(RunReport report) {
    StringBuilder text =
        new StringBuilder(
            String.format(
                "%nWired pages (%d)%n  %-18s %-12s %-13s %-18s %s%n",
                report.wired().size(), "kva", "pa", "object", "pindex", "wire_count"));
    for (WiredPageReport page : firstRows(report.wired())) {
      text.append(
          String.format(
              "  %s %-12s %-13s 0x%016x %d%n",
              page.kva(), page.pa(), page.object(), page.pindex(), page.wireCount()));
    }
    return text.append(more(report.wired().size())).toString();
  }

  private static String faults(RunReport report) {
    List<FaultHistory.Fault> kept = report.faults();
    List<FaultHistory.Fault> shown =
        kept.subList(Math.max(0, kept.size() - MOST_ROWS), kept.size());
    StringBuilder text =
        new StringBuilder(
            String.format(
                "%nPage faults (%d)%n  %-18s %4s %-14s %-18s %s%n",
                report.faultsSeen(), "va", "code", "access", "rip", "outcome"));
    for (FaultHistory.Fault fault : shown) {
      text.append(
          String.format(
              "  0x%016x 0x%02x %-14s 0x%016x %s%n",
              fault.va(),
              fault.errorCode(),
              access(fault.errorCode()),
              fault.rip(),
              RunReport.outcomeName(fault)));
    }
    if (report.faultsSeen() > shown.size()) {
      text.append(String.format("  (the last %d; --json has %d)%n", shown.size(), kept.size()));
    }
    return text.toString();
  }

  private static String access(int errorCode) {
    String kind =
        (errorCode & TrapFrame.PF_FETCH) != 0
            ? "fetch"
            : (errorCode & TrapFrame.PF_WRITE) != 0 ? "write" : "read";
    return kind + ((errorCode & TrapFrame.PF_PRESENT) != 0 ? ", present" : ", absent");
  }

  private static <T> List<T> firstRows(List<T> rows) {
    return rows.subList(0, Math.min(rows.size(), MOST_ROWS));
  }

  private static String more(int rows) {
    return rows <= MOST_ROWS
        ? ""
        : String.format("  (and %d more; --json has all)%n", rows - MOST_ROWS);
  }

  private static String size(long bytes) {
    String[] units = {"B", "K", "M", "G", "T"};
    double value = bytes;
    int unit = 0;
    while (value >= 1024 && unit < units.length - 1) {
      value /= 1024;
      unit++;
    }
    String format = value >= 100 || value == Math.rint(value) ? "%.0f%s" : "%.1f%s";
    return String.format(Locale.ROOT, format, value, units[unit]);
  }
}
