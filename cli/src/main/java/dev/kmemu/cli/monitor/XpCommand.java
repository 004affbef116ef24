package dev.kmemu.cli.monitor;

import dev.kmemu.emulator.memory.PhysicalAddress;
import dev.kmemu.emulator.memory.PhysicalMemory;
import java.util.List;

/** {@code xp/FMT ADDR}: physical memory, in the format of QEMU's monitor. */
final class XpCommand implements MonitorCommand {

  private final PausedCpu cpu;

  XpCommand(PausedCpu cpu) {
    this.cpu = cpu;
  }

  @Override
  public String name() {
    return "xp";
  }

  @Override
  public String usage() {
    return "xp[/FMT] ADDR";
  }

  @Override
  public String summary() {
    return "memory at a physical address";
  }

  @Override
  public String details() {
    return """
        FMT is a count, a format (x hex, d signed, u unsigned, o octal, c character) and a size
        (b 1, h 2, w 4, g 8 bytes): xp/8gx 1000. Without it: one word of 4 bytes in hex.
        """;
  }

  @Override
  public String execute(List<String> words) {
    boolean formatted = !words.isEmpty() && words.get(0).startsWith("/");
    DumpFormat format = DumpFormat.parse(formatted ? words.get(0).substring(1) : "");
    List<String> rest = formatted ? words.subList(1, words.size()) : words;
    long address = Words.address(Words.only(rest, this, "address"), cpu);
    PhysicalMemory ram = cpu.machine().ram();
    long bytes = format.totalBytes();
    if (!ram.contains(address, bytes)) {
      throw new MonitorException(
          String.format(
              "0x%x with %d bytes isn't in RAM, which is %s", address, bytes, ram.extent()));
    }
    byte[] contents = new byte[(int) bytes];
    ram.read(new PhysicalAddress(address), contents, 0, contents.length);
    return format.dump(address, contents);
  }
}
