package dev.kmemu.cli.monitor;

import dev.kmemu.cli.report.MapsText;
import java.util.List;

/** {@code maps [CR3]}: what the page tables map, summarised. */
final class MapsCommand implements MonitorCommand {

  private final PausedCpu cpu;

  MapsCommand(PausedCpu cpu) {
    this.cpu = cpu;
  }

  @Override
  public String name() {
    return "maps";
  }

  @Override
  public String usage() {
    return "maps [CR3]";
  }

  @Override
  public String summary() {
    return "ranges that the page tables map: size, rights, pages, what is writable and executable";
  }

  @Override
  public String details() {
    return """
        Each line has the first and last address, the size, the rights u r w x, g for global
        pages, the numbers of pages by size, and where the first one lies. W+X marks ranges
        that can be written and executed.
        """;
  }

  @Override
  public String execute(List<String> words) {
    if (words.size() > 1) {
      throw new MonitorException("maps takes a CR3, or nothing: " + usage());
    }
    return words.isEmpty()
        ? MapsText.of(cpu.machine())
        : MapsText.of(cpu.machine(), cpu.paging().withCr3(Words.address(words.get(0), cpu)));
  }
}
