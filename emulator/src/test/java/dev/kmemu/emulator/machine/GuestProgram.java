package dev.kmemu.emulator.machine;

import dev.kmemu.emulator.cpu.Register;
import dev.kmemu.emulator.debug.StopListener;
import dev.kmemu.emulator.debug.StopReason;
import dev.kmemu.emulator.memory.PhysicalAddress;
import dev.kmemu.emulator.memory.VirtualAddress;
import dev.kmemu.emulator.unicorn.UnicornLoader;
import java.util.HexFormat;
import java.util.Objects;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;

/**
 * A machine of 16 MiB in long mode that stands at {@link #CODE}. The first 4 MiB are mapped one to
 * one; there is nothing above.
 */
final class GuestProgram implements AutoCloseable, StopListener {

  static final long CODE = 0x10_0000;
  static final long STACK = 0x12_0000;
  static final long DATA = 0x20_0000;
  static final long UNMAPPED = 0x40_0000;
  static final long PML4 = 0x1000;

  final Machine machine;

  /** What the machine told its debugger, when this is it. */
  final BlockingQueue<StopReason> stops = new LinkedBlockingQueue<>();

  GuestProgram(String hex) {
    this(hex, MachineOptions.standard());
  }

  GuestProgram(String hex, MachineOptions options) {
    machine = new Machine(UnicornLoader.load(), new RamSize(16 << 20), options);
    store(PML4, 0x2003);
    store(0x2000, 0x3003);
    store(0x3000, 0x83);
    store(0x3008, DATA | 0x83);
    code(CODE, hex);
    machine.onCpu(
        cpu -> {
          cpu.registers().write(Register.EFER, 0xD01);
          cpu.registers().write(Register.CR4, 0x620);
          cpu.registers().write(Register.CR3, PML4);
          cpu.registers().write(Register.CR0, 0x8005_0033L);
          cpu.registers().write(Register.RSP, STACK);
          cpu.registers().write(Register.RIP, CODE);
          return cpu;
        });
  }

  void code(long address, String hex) {
    byte[] bytes = HexFormat.of().parseHex(hex.replace(" ", ""));
    machine.ram().write(new PhysicalAddress(address), bytes, 0, bytes.length);
  }

  void store(long address, long value) {
    machine.ram().store64(new PhysicalAddress(address), value);
  }

  long load(long address) {
    return machine.ram().load64(new PhysicalAddress(address));
  }

  long get(Register register) {
    byte[] bytes = new byte[Long.BYTES];
    machine.debugTarget().readRegister(register, bytes, 0);
    return java.nio.ByteBuffer.wrap(bytes).order(java.nio.ByteOrder.LITTLE_ENDIAN).getLong();
  }

  void set(Register register, long value) {
    byte[] bytes = new byte[Long.BYTES];
    java.nio.ByteBuffer.wrap(bytes).order(java.nio.ByteOrder.LITTLE_ENDIAN).putLong(value);
    machine.debugTarget().writeRegister(register, bytes, 0);
  }

  /** Waits for the next stop that the debugger hears of. */
  StopReason nextStop() {
    try {
      return Objects.requireNonNull(stops.take());
    } catch (InterruptedException e) {
      throw new IllegalStateException(e);
    }
  }

  static VirtualAddress va(long value) {
    return new VirtualAddress(value);
  }

  @Override
  public void stopped(StopReason reason) {
    stops.add(reason);
  }

  @Override
  public void close() {
    machine.close();
  }
}
