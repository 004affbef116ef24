package dev.kmemu.testkit;

import dev.kmemu.emulator.cpu.Register;
import dev.kmemu.emulator.cpu.RegisterFile;
import dev.kmemu.emulator.memory.PhysicalAddress;
import dev.kmemu.emulator.mmu.PagingMode;

/** How the testkit's guests begin: long mode, CPL 0, interrupts off, write protection on. */
final class LongMode {

  private static final long CR0 = 0x8005_0033L; // PG AM WP NE ET MP PE
  private static final long CR4 = 0x6A0L; // OSXMMEXCPT OSFXSR PGE PAE
  private static final long EFER = 0xD01L; // NXE LMA LME SCE
  private static final long RFLAGS = 2;

  private LongMode() {}

  static PagingMode paging(PhysicalAddress pml4) {
    return PagingMode.of(CR0, pml4.value(), CR4, EFER, RFLAGS);
  }

  static void enter(RegisterFile registers, PhysicalAddress pml4) {
    registers.write(Register.EFER, EFER);
    registers.write(Register.CR4, CR4);
    registers.write(Register.CR3, pml4.value());
    registers.write(Register.CR0, CR0);
    registers.write(Register.RFLAGS, RFLAGS);
  }
}
