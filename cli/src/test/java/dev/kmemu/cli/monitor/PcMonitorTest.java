package dev.kmemu.cli.monitor;

import static org.assertj.core.api.Assertions.assertThat;

import dev.kmemu.emulator.machine.RamSize;
import dev.kmemu.emulator.pc.PcDevice;
import dev.kmemu.emulator.pc.PcMachine;
import dev.kmemu.emulator.pc.PcOptions;
import dev.kmemu.emulator.unicorn.UnicornLoader;
import java.util.EnumSet;
import org.junit.jupiter.api.Test;

/** The commands that only a PC has. */
class PcMonitorTest {

  private static PcMachine pc(PcDevice... absent) {
    EnumSet<PcDevice> devices = EnumSet.allOf(PcDevice.class);
    for (PcDevice device : absent) {
      devices.remove(device);
    }
    return new PcMachine(
        UnicornLoader.load(), RamSize.parse("16M"), PcOptions.standard().withDevices(devices));
  }

  @Test
  void devicesAreMadeToMisbehaveAndWellAgain() {
    try (PcMachine pc = pc()) {
      MonitorShell monitor = MonitorCommands.of(pc);
      assertThat(monitor.execute("inject device")).isEqualTo("no device has faults\n");
      assertThat(monitor.execute("inject device irq4 lose-interrupt,count=1"))
          .isEqualTo("from now on irq4:lose-interrupt,count=1\n");
      assertThat(monitor.execute("inject device"))
          .isEqualTo("irq4:lose-interrupt,count=1, occasions: 0\n");
      assertThat(monitor.execute("inject device irq4 none")).isEqualTo("irq4 is well again\n");
      assertThat(monitor.execute("inject device irq4 none")).isEqualTo("irq4 has no faults\n");
      assertThat(monitor.execute("inject device nothing drop-read")).contains("uart-3f8");
      assertThat(monitor.execute("inject device irq4 nonsense")).contains("lose-interrupt");
      assertThat(monitor.execute("inject device pit drop-read,at=0x999"))
          .contains("'pit' has nothing at 0x999 (it has ports 0x40 to 0x43, port 0x61)");
      assertThat(monitor.execute("inject device irq4")).contains("inject device [NAME FAULT");
      assertThat(monitor.execute("help inject")).contains("--device-fault");
      assertThat(monitor.execute("help help")).isEqualTo(monitor.execute("help"));
    }
  }

  @Test
  void nmiReachesACpuWithAndWithoutAnApic() {
    for (PcMachine each : new PcMachine[] {pc(), pc(PcDevice.APIC, PcDevice.ACPI)}) {
      try (PcMachine pc = each) {
        assertThat(MonitorCommands.of(pc).execute("nmi")).isEqualTo("raised\n");
        assertThat(MonitorCommands.of(pc).execute("nmi now")).contains("takes nothing");
      }
    }
  }

  @Test
  void thePowerButtonIsAcpis() {
    try (PcMachine pc = pc()) {
      assertThat(MonitorCommands.of(pc).execute("system_powerdown")).isEqualTo("pressed\n");
      assertThat(pc.machine().ports().read(0x601, 1) & 0xFF).isEqualTo(1);
    }
    try (PcMachine pc = pc(PcDevice.ACPI)) {
      assertThat(MonitorCommands.of(pc).execute("system_powerdown")).contains("no power button");
    }
  }
}
