package dev.kmemu.emulator.pc;

import dev.kmemu.emulator.cpu.CpuState;
import dev.kmemu.emulator.cpu.ExitLog;
import dev.kmemu.emulator.cpu.SegmentAttributes;
import dev.kmemu.emulator.cpu.SegmentRegister;
import dev.kmemu.emulator.device.PicPair;
import dev.kmemu.emulator.machine.Machine;
import dev.kmemu.emulator.memory.VirtualAddress;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/**
 * Where a guest is that doesn't come to its end.
 *
 * @param rip the next instruction
 * @param mode the CPU's mode, for people
 * @param rflags RFLAGS
 * @param halted whether the CPU waits for an interrupt
 * @param visited where the CPU was during the moments before; with few places it turns in a loop
 * @param requested the PICs' IRR, line 0 in bit 0
 * @param inService the PICs' ISR
 * @param masked the PICs' IMR
 * @param apic what waits in the local APIC; empty where there is none
 * @param exits why the CPU left guest code the last times, the oldest first
 */
public record Standstill(
    VirtualAddress rip,
    String mode,
    long rflags,
    boolean halted,
    List<VirtualAddress> visited,
    int requested,
    int inService,
    int masked,
    String apic,
    List<ExitLog.Exit> exits) {

  private static final int LOOKS = 8;
  private static final long BETWEEN_LOOKS_MILLIS = 5;
  private static final long CR0_PE = 1;
  private static final long EFER_LMA = 1 << 10;
  private static final long RFLAGS_VM = 1 << 17;

  /** Copies the lists. */
  public Standstill {
    visited = List.copyOf(visited);
    exits = List.copyOf(exits);
  }

  /** Looks at a machine for a moment and leaves it paused. */
  public static Standstill of(PcMachine pc) {
    Machine machine = pc.machine();
    List<VirtualAddress> visited = new ArrayList<>();
    boolean halted = true;
    for (int i = 0; i < LOOKS && !machine.outcome().isDone(); i++) {
      machine.resume();
      await();
      machine.pause();
      VirtualAddress at = rip(machine);
      if (!visited.contains(at)) {
        visited.add(at);
      }
      halted &= machine.isWaiting();
    }
    boolean waits = halted;
    List<ExitLog.Exit> exits = machine.onCpu(cpu -> cpu.exitLog().last());
    PicPair pic = pc.pic();
    return machine.onCpu(
        cpu ->
            new Standstill(
                new VirtualAddress(cpu.state().linearRip()),
                mode(cpu.state()),
                cpu.state().rflags(),
                waits,
                visited,
                pic.register(PicPair.Register.REQUESTED),
                pic.register(PicPair.Register.IN_SERVICE),
                pic.register(PicPair.Register.MASKED),
                pc.waitingAtApic(),
                exits));
  }

  /** The modes of Intel SDM vol. 3A, 2.2. */
  private static String mode(CpuState cpu) {
    int code = cpu.attributes(SegmentRegister.CS);
    boolean wide = (code & SegmentAttributes.BIG) != 0;
    if ((cpu.cr0() & CR0_PE) == 0) {
      return "real mode";
    }
    if ((cpu.rflags() & RFLAGS_VM) != 0) {
      return "virtual-8086 mode";
    }
    String level = ", CPL " + cpu.cpl();
    if ((cpu.efer() & EFER_LMA) != 0) {
      boolean full = (code & SegmentAttributes.LONG) != 0;
      return (full ? "64-bit mode" : "compatibility mode") + level;
    }
    return (wide ? "32-bit" : "16-bit") + " protected mode" + level;
  }

  private static VirtualAddress rip(Machine machine) {
    return machine.onCpu(cpu -> new VirtualAddress(cpu.state().linearRip()));
  }

  private static void await() {
    try {
      TimeUnit.MILLISECONDS.sleep(BETWEEN_LOOKS_MILLIS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
