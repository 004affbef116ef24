package dev.kmemu.cli.monitor;

import java.util.List;

/** {@code info WHAT}: what QEMU's monitor shows under the same names, in its formats. */
final class InfoCommand implements MonitorCommand {

  private final PausedCpu cpu;

  InfoCommand(PausedCpu cpu) {
    this.cpu = cpu;
  }

  @Override
  public String name() {
    return "info";
  }

  @Override
  public String usage() {
    return "info tlb|mem|registers";
  }

  @Override
  public String summary() {
    return "mapped pages, mapped ranges, or the CPU's state, in QEMU's formats";
  }

  @Override
  public String details() {
    return """
        tlb        each page that the current tables map: address, physical address, flags
                   X(NX) G P(S) D A C(D) (W)T U W
        mem        ranges with equal rights: first address, end, size, u r w
        registers  all registers of the CPU
        """;
  }

  @Override
  public String execute(List<String> words) {
    return switch (Words.only(words, this, "of tlb, mem, registers")) {
      case "tlb" -> new TableListing(cpu).pages();
      case "mem" -> new TableListing(cpu).ranges();
      case "registers" -> cpu.machine().onCpu(RegisterDump::of);
      default ->
          throw new MonitorException(
              "info knows tlb, mem and registers, not '" + words.get(0) + "'");
    };
  }
}
