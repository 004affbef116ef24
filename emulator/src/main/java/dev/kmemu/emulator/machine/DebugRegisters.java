package dev.kmemu.emulator.machine;

import dev.kmemu.emulator.cpu.CpuEngine;
import dev.kmemu.emulator.cpu.Register;
import dev.kmemu.emulator.cpu.RegisterGroup;
import dev.kmemu.emulator.mmu.PagingMode;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** The registers as a debugger sees them: read once for each stop, written as the CPU allows. */
final class DebugRegisters {

  private final VcpuThread vcpu;
  private final RegisterWriter writer;
  private final Map<RegisterGroup, RegisterSnapshot.Members> groups;
  private final Set<Register> present = EnumSet.noneOf(Register.class);
  private volatile @Nullable RegisterSnapshot snapshot;

  DebugRegisters(VcpuThread vcpu, RegisterWriter writer) {
    this.vcpu = vcpu;
    this.writer = writer;
    this.groups = vcpu.call(cpu -> RegisterSnapshot.groups(cpu.registers()));
    for (RegisterSnapshot.Members members : groups.values()) {
      present.addAll(Arrays.asList(members.narrow()));
      present.addAll(Arrays.asList(members.wide()));
    }
  }

  boolean has(Register register) {
    return present.contains(register);
  }

  /** Forgets what may have changed. */
  void forget() {
    snapshot = null;
  }

  void read(Register register, byte[] target, int offset) {
    vcpu.requirePaused();
    byte[] bytes = vcpu.callHere(cpu -> current(cpu).bytes(register));
    System.arraycopy(bytes, 0, target, offset, bytes.length);
  }

  void read(Register[] registers, byte[] target) {
    vcpu.requirePaused();
    vcpu.callHere(cpu -> copy(current(cpu), registers, target));
  }

  private static RegisterSnapshot copy(RegisterSnapshot from, Register[] registers, byte[] target) {
    int offset = 0;
    for (Register register : registers) {
      byte[] bytes = from.bytes(register);
      System.arraycopy(bytes, 0, target, offset, bytes.length);
      offset += bytes.length;
    }
    return from;
  }

  PagingMode pagingMode() {
    vcpu.requirePaused();
    return vcpu.callHere(cpu -> current(cpu).pagingMode());
  }

  /** Writes a register, on the CPU's thread or while it is held. */
  void write(CpuEngine cpu, Register register, byte[] source, int offset) {
    try {
      writer.write(cpu, register, source, offset);
    } finally {
      snapshot = null;
    }
  }

  private RegisterSnapshot current(CpuEngine cpu) {
    RegisterSnapshot taken = snapshot;
    if (taken == null) {
      taken = new RegisterSnapshot(cpu.registers(), groups);
      snapshot = taken;
    }
    return taken;
  }
}
