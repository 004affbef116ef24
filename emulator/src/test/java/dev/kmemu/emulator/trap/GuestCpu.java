package dev.kmemu.emulator.trap;

import static org.assertj.core.api.Assertions.assertThat;

import dev.kmemu.emulator.cpu.CpuEngine;
import dev.kmemu.emulator.cpu.CpuExit;
import dev.kmemu.emulator.cpu.CpuState;
import dev.kmemu.emulator.cpu.Register;
import dev.kmemu.emulator.cpu.SegmentAttributes;
import dev.kmemu.emulator.cpu.SegmentRegister;
import dev.kmemu.emulator.memory.PhysicalAddress;
import dev.kmemu.emulator.memory.PhysicalMemory;
import dev.kmemu.emulator.memory.VirtualAddress;
import dev.kmemu.emulator.model.CpuModel;
import dev.kmemu.emulator.model.MsrAccess;
import dev.kmemu.emulator.model.StandardProcessor;
import dev.kmemu.emulator.model.UnknownMsr;
import dev.kmemu.emulator.unicorn.AnonymousMapping;
import dev.kmemu.emulator.unicorn.UnicornLoader;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Objects;

/** A CPU with 4 MiB of RAM, whose exceptions go through a {@link TrapRouter}. */
abstract class GuestCpu implements AutoCloseable {

  /** Handlers of {@link #HANDLER_BYTES} for each vector, each of which starts with HLT. */
  static final long HANDLERS = 0x3_0000;

  static final int HANDLER_BYTES = 0x10;

  final PhysicalMemory ram = new PhysicalMemory(new AnonymousMapping(4 << 20));
  final CpuEngine cpu = UnicornLoader.load().createCpu(ram);
  final TrapRouter router = new TrapRouter(ram);
  final List<MsrAccess> unknownMsrs = new ArrayList<>();

  GuestCpu() {
    cpu.setTrapHandler(router);
    for (int vector = 0; vector < 256; vector++) {
      code(handler(vector), "f4");
    }
  }

  /** Gives the CPU kmemu's own model. */
  void useProcessor(UnknownMsr unknown) {
    useProcessor(CpuModel.MAX, unknown);
  }

  void useProcessor(CpuModel model, UnknownMsr unknown) {
    cpu.setProcessor(new StandardProcessor(() -> 1_000_000_000L, model, unknown, unknownMsrs::add));
  }

  void useProcessor() {
    useProcessor(UnknownMsr.RAISES_GENERAL_PROTECTION);
  }

  static long handler(int vector) {
    return HANDLERS + (long) vector * HANDLER_BYTES;
  }

  /** Runs up to the HLT that the handler of a vector starts with, and returns the vector. */
  int runToHandler() {
    assertThat(cpu.run()).isEqualTo(CpuExit.Halted.INSTANCE);
    return handled();
  }

  /** Runs up to the handler of {@code vector}, in whatever ring, before its first instruction. */
  void runBefore(int vector) {
    VirtualAddress handler = new VirtualAddress(handler(vector));
    cpu.addBreakpoint(handler);
    assertThat(cpu.run()).isEqualTo(CpuExit.BreakpointHit.INSTANCE);
    assertThat(cpu.state().linearRip()).isEqualTo(handler.value());
    cpu.removeBreakpoint(handler);
  }

  /** Returns the vector in whose handler the CPU has halted. */
  int handled() {
    long at = cpu.state().linearRip() - 1 - HANDLERS;
    assertThat(at).as("offset in the handlers").isBetween(0L, 255L * HANDLER_BYTES);
    assertThat(at % HANDLER_BYTES).as("offset in a handler").isZero();
    return (int) (at / HANDLER_BYTES);
  }

  /** Runs into a triple fault and returns its report. */
  CrashReport runToShutdown() {
    assertThat(cpu.run()).isEqualTo(CpuExit.HandlerEnded.INSTANCE);
    CrashReport crash = router.takeCrash();
    assertThat(crash).isNotNull();
    return Objects.requireNonNull(crash);
  }

  void code(long address, String hex) {
    byte[] bytes = HexFormat.of().parseHex(hex.replace(" ", ""));
    ram.write(new PhysicalAddress(address), bytes, 0, bytes.length);
  }

  void store(long address, long value) {
    ram.store64(new PhysicalAddress(address), value);
  }

  void store32(long address, int value) {
    ram.store32(new PhysicalAddress(address), value);
  }

  void store16(long address, int value) {
    ram.store8(new PhysicalAddress(address), value);
    ram.store8(new PhysicalAddress(address + 1), value >> 8);
  }

  long load(long address) {
    return ram.load64(new PhysicalAddress(address));
  }

  int load32(long address) {
    return ram.load32(new PhysicalAddress(address));
  }

  int load16(long address) {
    return load32(address) & 0xFFFF;
  }

  void set(Register register, long value) {
    cpu.registers().write(register, value);
  }

  long get(Register register) {
    return cpu.registers().read(register);
  }

  /** Loads code and stack segments as a far transfer to another ring would. */
  void enterRing(int ring, int code, int codeSelector, int stackSelector) {
    CpuState state = cpu.state();
    state.load(SegmentRegister.CS, codeSelector, 0, -1, SegmentAttributes.withDpl(code, ring));
    state.load(
        SegmentRegister.SS,
        stackSelector,
        0,
        -1,
        SegmentAttributes.withDpl(SegmentAttributes.DATA, ring));
    assertThat(state.cpl()).isEqualTo(ring);
  }

  @Override
  public void close() {
    cpu.close();
    ram.close();
  }
}
