package dev.kmemu.testkit.guest;

import dev.kmemu.emulator.debug.Monitor;
import dev.kmemu.emulator.memory.VirtualAddress;
import dev.kmemu.vm.check.Violation;
import java.util.List;
import java.util.stream.Collectors;

/**
 * The monitor commands of a test's machine, a few of those that {@code ./kmemu run --gdb} has under
 * the same names: {@code walk ADDR}, {@code vmmap}, {@code faults}, {@code check}.
 */
final class MachineMonitor implements Monitor {

  private static final String HELP = "commands: walk ADDR, vmmap, faults, check\n";

  private final TestMachine machine;

  MachineMonitor(TestMachine machine) {
    this.machine = machine;
  }

  @Override
  public String execute(String line) {
    List<String> words = List.of(line.strip().split("\\s+", -1));
    return switch (words.get(0)) {
      case "walk" -> walk(words);
      case "vmmap" -> KernelMapText.of(machine.vm(), null);
      case "faults" -> FaultHistoryText.of(machine.vm());
      case "check" -> check();
      default -> HELP;
    };
  }

  private String walk(List<String> words) {
    if (words.size() != 2) {
      return "walk takes one address: walk ADDR\n";
    }
    try {
      String digits = words.get(1).startsWith("0x") ? words.get(1).substring(2) : words.get(1);
      VirtualAddress address = new VirtualAddress(Long.parseUnsignedLong(digits, 16));
      return machine.walk(machine.vm().currentPmap().get(), address);
    } catch (NumberFormatException e) {
      return "walk: '" + words.get(1) + "' isn't an address: give up to 16 hexadecimal digits\n";
    }
  }

  private String check() {
    List<Violation> violations = machine.vm().check();
    return violations.isEmpty()
        ? "all invariants hold\n"
        : violations.stream().map(v -> v + "\n").collect(Collectors.joining());
  }
}
