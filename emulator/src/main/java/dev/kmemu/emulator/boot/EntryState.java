package dev.kmemu.emulator.boot;

import dev.kmemu.emulator.cpu.CpuEngine;
import dev.kmemu.emulator.cpu.CpuState;
import dev.kmemu.emulator.cpu.Register;
import dev.kmemu.emulator.cpu.RegisterFile;
import dev.kmemu.emulator.cpu.SegmentAttributes;
import dev.kmemu.emulator.cpu.SegmentRegister;

/**
 * The state in which a loader hands the CPU to an image: that after a reset, but for the mode.
 * Interrupts are disabled and general registers 0, but for RDX.
 */
public sealed interface EntryState {

  /** Puts a CPU into the state, between two runs. */
  void apply(CpuEngine cpu);

  /**
   * Real mode at CS:IP, with the other segments at 0 and the vectors at address 0.
   *
   * @param segment CS, 16 bits
   * @param offset IP, 16 bits
   */
  record Real(int segment, int offset) implements EntryState {

    private static final int VECTOR_TABLE_LIMIT = 0x3FF;

    @Override
    public void apply(CpuEngine cpu) {
      cpu.reset();
      CpuState state = cpu.state();
      state.load(
          SegmentRegister.CS,
          segment & 0xFFFF,
          (segment & 0xFFFFL) << 4,
          state.limit(SegmentRegister.CS),
          state.attributes(SegmentRegister.CS));
      state.setRip(offset & 0xFFFFL);
      cpu.registers().write(Register.IDTR_LIMIT, VECTOR_TABLE_LIMIT);
    }
  }

  /**
   * 32-bit protected mode without paging, all segments flat: what the Multiboot specification calls
   * the machine state. There is neither a GDT nor an IDT.
   *
   * @param eip EIP, 32 bits
   */
  record Protected32(int eip) implements EntryState {

    private static final long CR0 = 0x11;

    @Override
    public void apply(CpuEngine cpu) {
      cpu.reset();
      RegisterFile registers = cpu.registers();
      registers.write(Register.CR0, CR0);
      registers.write(Register.GDTR_LIMIT, 0);
      registers.write(Register.IDTR_LIMIT, 0);
      loadFlat(cpu.state(), SegmentAttributes.CODE_32);
      cpu.state().setRip(eip & 0xFFFF_FFFFL);
    }
  }

  /**
   * 64-bit mode with 4-level paging; SSE, NX and SYSCALL are enabled. There is neither a GDT nor an
   * IDT.
   *
   * @param rip RIP
   * @param cr3 the physical address of the PML4 table
   */
  record Long64(long rip, long cr3) implements EntryState {

    private static final long CR0 = 0x8005_0033L;
    private static final long CR4 = 0x620;
    private static final long EFER = 0x901;

    @Override
    public void apply(CpuEngine cpu) {
      cpu.reset();
      RegisterFile registers = cpu.registers();
      registers.write(Register.EFER, EFER);
      registers.write(Register.CR4, CR4);
      registers.write(Register.CR3, cr3);
      registers.write(Register.CR0, CR0);
      registers.write(Register.GDTR_LIMIT, 0);
      registers.write(Register.IDTR_LIMIT, 0);
      loadFlat(cpu.state(), SegmentAttributes.CODE_64);
      cpu.state().setRip(rip);
    }
  }

  /**
   * {@link Protected32} as the Multiboot specification has it: EAX tells that a Multiboot loader
   * was here.
   *
   * @param eip EIP, 32 bits
   * @param info the physical address of the information, in EBX
   */
  record Multiboot(int eip, int info) implements EntryState {

    private static final long MAGIC = 0x2BADB002L;

    @Override
    public void apply(CpuEngine cpu) {
      new Protected32(eip).apply(cpu);
      cpu.registers().write(Register.RAX, MAGIC);
      cpu.registers().write(Register.RBX, info & 0xFFFF_FFFFL);
      cpu.registers().write(Register.RDX, 0);
    }
  }

  /**
   * {@link Multiboot} as version 2 has it.
   *
   * @param eip EIP, 32 bits
   * @param info the physical address of the information, in EBX
   */
  record Multiboot2(int eip, int info) implements EntryState {

    private static final long MAGIC = 0x36D7_6289L;

    @Override
    public void apply(CpuEngine cpu) {
      new Multiboot(eip, info).apply(cpu);
      cpu.registers().write(Register.RAX, MAGIC);
    }
  }

  /**
   * {@link Protected32} as PVH has it.
   *
   * @param eip EIP, 32 bits
   * @param startInfo the physical address of hvm_start_info, in EBX
   */
  record Pvh(int eip, int startInfo) implements EntryState {

    @Override
    public void apply(CpuEngine cpu) {
      new Protected32(eip).apply(cpu);
      cpu.registers().write(Register.RBX, startInfo & 0xFFFF_FFFFL);
      cpu.registers().write(Register.RDX, 0);
    }
  }

  /**
   * {@link Long64} as the 64-bit Linux boot protocol has it, with a GDT of its selectors.
   *
   * @param rip RIP
   * @param zeroPage the physical address of boot_params, in RSI
   * @param cr3 the physical address of the PML4 table
   * @param gdt the physical address of the GDT
   */
  record Linux64(long rip, long zeroPage, long cr3, long gdt) implements EntryState {

    @Override
    public void apply(CpuEngine cpu) {
      new Long64(rip, cr3).apply(cpu);
      RegisterFile registers = cpu.registers();
      registers.write(Register.RSI, zeroPage);
      registers.write(Register.RDX, 0);
      registers.write(Register.GDTR_BASE, gdt);
      registers.write(Register.GDTR_LIMIT, LinuxDescriptors.LIMIT);
      loadFlat(
          cpu.state(), LinuxDescriptors.CODE, SegmentAttributes.CODE_64, LinuxDescriptors.DATA);
    }
  }

  private static void loadFlat(CpuState state, int code) {
    loadFlat(state, 0x08, code, 0x10);
  }

  private static void loadFlat(CpuState state, int codeSelector, int code, int dataSelector) {
    int all = -1;
    state.load(SegmentRegister.CS, codeSelector, 0, all, code);
    for (SegmentRegister segment : SegmentRegister.values()) {
      if (!segment.isSystem() && segment != SegmentRegister.CS) {
        state.load(segment, dataSelector, 0, all, SegmentAttributes.DATA);
      }
    }
  }
}
