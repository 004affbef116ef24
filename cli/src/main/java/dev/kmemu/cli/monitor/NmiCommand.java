package dev.kmemu.cli.monitor;

import dev.kmemu.emulator.pc.PcButtons;
import java.util.List;

/** {@code nmi}: a non-maskable interrupt. */
final class NmiCommand implements MonitorCommand {

  private final PcButtons buttons;

  NmiCommand(PcButtons buttons) {
    this.buttons = buttons;
  }

  @Override
  public String name() {
    return "nmi";
  }

  @Override
  public String usage() {
    return "nmi";
  }

  @Override
  public String summary() {
    return "raise a non-maskable interrupt";
  }

  @Override
  public String details() {
    return "It goes through LINT1 of the local APIC, which the guest may have masked.\n";
  }

  @Override
  public String execute(List<String> words) {
    Words.none(words, this);
    buttons.pressNmi();
    return "raised\n";
  }
}
