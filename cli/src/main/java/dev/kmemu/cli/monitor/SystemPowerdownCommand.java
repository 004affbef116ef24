package dev.kmemu.cli.monitor;

import dev.kmemu.emulator.pc.PcButtons;
import java.util.List;

/** {@code system_powerdown}: the power button. */
final class SystemPowerdownCommand implements MonitorCommand {

  private final PcButtons buttons;

  SystemPowerdownCommand(PcButtons buttons) {
    this.buttons = buttons;
  }

  @Override
  public String name() {
    return "system_powerdown";
  }

  @Override
  public String usage() {
    return "system_powerdown";
  }

  @Override
  public String summary() {
    return "press the power button";
  }

  @Override
  public String details() {
    return "A guest that listens to ACPI hears of it, and does what it likes.\n";
  }

  @Override
  public String execute(List<String> words) {
    Words.none(words, this);
    if (!buttons.pressPower()) {
      throw new MonitorException("system_powerdown: without ACPI there is no power button");
    }
    return "pressed\n";
  }
}
