package dev.kmemu.debugger;

import dev.kmemu.emulator.cpu.CpuEngine;
import dev.kmemu.emulator.cpu.Register;
import dev.kmemu.emulator.cpu.RegisterFile;
import dev.kmemu.emulator.debug.DebugTarget;
import dev.kmemu.emulator.machine.Machine;
import dev.kmemu.emulator.machine.MachineOptions;
import dev.kmemu.emulator.machine.RamSize;
import dev.kmemu.emulator.memory.PhysicalAddress;
import dev.kmemu.emulator.memory.VirtualAddress;
import dev.kmemu.emulator.unicorn.UnicornLoader;
import dev.kmemu.gdb.ProtocolSuite;
import java.util.HexFormat;
import org.junit.jupiter.api.AfterEach;

/** The real CPU in long mode, in a loop without a memory access. */
abstract class RealMachineProtocol extends ProtocolSuite {

  private static final int RAM_BYTES = 16 << 20;
  private static final long PML4 = 0x1000;
  private static final long CODE = 0x10_0000;
  private static final long STACK = 0x12_0000;

  /** Outside RAM as a physical address, so that the two can't be taken for each other. */
  private static final VirtualAddress SCRATCH = new VirtualAddress(0x200_0000);

  /** inc rax; add rcx, 1; nop; dec rdx; jmp to the first. */
  private static final String LOOP = "48ffc04883c1019048ffcaebf3";

  private final Machine machine;

  RealMachineProtocol(MachineOptions options) {
    super(SCRATCH);
    machine = new Machine(UnicornLoader.load(), new RamSize(RAM_BYTES), options);
    machine.ram().store64(new PhysicalAddress(PML4), 0x2003);
    machine.ram().store64(new PhysicalAddress(0x2000), 0x3003);
    machine.ram().store64(new PhysicalAddress(0x3000), 0x83);
    machine.ram().store64(new PhysicalAddress(0x3080), 0x60_0083);
    byte[] code = HexFormat.of().parseHex(LOOP);
    machine.ram().write(new PhysicalAddress(CODE), code, 0, code.length);
    machine.onCpu(RealMachineProtocol::enterLongMode);
  }

  @Override
  protected DebugTarget target() {
    return machine.debugTarget();
  }

  @AfterEach
  void endMachine() {
    machine.close();
  }

  private static CpuEngine enterLongMode(CpuEngine cpu) {
    RegisterFile registers = cpu.registers();
    registers.write(Register.EFER, 0xD01);
    registers.write(Register.CR4, 0x620);
    registers.write(Register.CR3, PML4);
    registers.write(Register.CR0, 0x8005_0033L);
    registers.write(Register.RSP, STACK);
    registers.write(Register.RIP, CODE);
    return cpu;
  }
}
