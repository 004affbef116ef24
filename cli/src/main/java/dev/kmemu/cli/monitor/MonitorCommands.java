package dev.kmemu.cli.monitor;

import dev.kmemu.emulator.pc.PcFaultInjection;
import dev.kmemu.emulator.pc.PcMachine;
import dev.kmemu.testkit.KernelMachine;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Which commands a machine has. */
public final class MonitorCommands {

  private MonitorCommands() {}

  /** Returns the commands for a PC. */
  public static MonitorShell of(PcMachine pc) {
    List<MonitorCommand> commands = forAny(new PausedCpu(pc.machine()), null, pc.faults());
    commands.add(new NmiCommand(pc.buttons()));
    commands.add(new SystemPowerdownCommand(pc.buttons()));
    return new MonitorShell(commands);
  }

  /** Returns the commands for a machine with a kernel VM. */
  public static MonitorShell of(KernelMachine kernel) {
    PausedCpu cpu = new PausedCpu(kernel.machine());
    List<MonitorCommand> commands = forAny(cpu, kernel, null);
    commands.add(new CheckCommand(kernel));
    commands.add(new KmemCommand(kernel));
    commands.add(new PageCommand(kernel, cpu));
    commands.add(new SysctlCommand(kernel.vm().sysctl(), cpu.machine()));
    commands.add(new VmmapCommand(kernel, cpu));
    commands.add(new WaitsCommand(kernel));
    return new MonitorShell(commands);
  }

  private static List<MonitorCommand> forAny(
      PausedCpu cpu, @Nullable KernelMachine kernel, @Nullable PcFaultInjection faults) {
    List<MonitorCommand> commands = new ArrayList<>();
    commands.add(new InfoCommand(cpu));
    commands.add(new Gva2gpaCommand(cpu));
    commands.add(new InjectCommand(cpu, faults));
    commands.add(new MapsCommand(cpu));
    commands.add(new QuitCommand(cpu.machine()));
    commands.add(new ResetCommand(cpu.machine()));
    commands.add(new SnapshotCommand(cpu.machine()));
    commands.add(new WalkCommand(cpu, kernel == null ? null : kernel.vm()));
    commands.add(new XpCommand(cpu));
    return commands;
  }
}
