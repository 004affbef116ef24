package dev.kmemu.cli.monitor;

import dev.kmemu.emulator.mmu.PageWalker;
import java.util.List;

/** {@code gva2gpa ADDR}, as QEMU's monitor answers it. */
final class Gva2gpaCommand implements MonitorCommand {

  private final PausedCpu cpu;

  Gva2gpaCommand(PausedCpu cpu) {
    this.cpu = cpu;
  }

  @Override
  public String name() {
    return "gva2gpa";
  }

  @Override
  public String usage() {
    return "gva2gpa ADDR";
  }

  @Override
  public String summary() {
    return "the physical address behind ADDR, by the current tables";
  }

  @Override
  public String execute(List<String> words) {
    long address = Words.address(Words.only(words, this, "address"), cpu);
    long physical = cpu.memory().walker().translate(cpu.paging(), address);
    return physical == PageWalker.UNMAPPED
        ? "Unmapped\n"
        : String.format("gpa: %s%n", physical == 0 ? "0" : "0x" + Long.toHexString(physical));
  }
}
