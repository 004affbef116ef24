package dev.kmemu.testkit.guest;

import dev.kmemu.emulator.cpu.Register;
import dev.kmemu.emulator.mmu.PagingMode;

/** What of paging a kernel switches on (Intel SDM vol. 3A, 4.1.3). */
public enum CpuFeature {
  /** CR0.WP: supervisor writes obey R/W. On unless switched off. */
  WP(Register.CR0, PagingMode.CR0_WP, true),
  /** EFER.NXE: XD forbids fetches; without it the bit is reserved. On unless switched off. */
  NX(Register.EFER, PagingMode.EFER_NXE, true),
  /** CR4.PGE: global translations survive a load of CR3. On unless switched off. */
  PGE(Register.CR4, PagingMode.CR4_PGE, true),
  /** CR4.SMEP: no supervisor fetches from user pages. */
  SMEP(Register.CR4, PagingMode.CR4_SMEP, false),
  /** CR4.SMAP: no supervisor data accesses to user pages while RFLAGS.AC is clear. */
  SMAP(Register.CR4, PagingMode.CR4_SMAP, false);

  private final Register register;
  private final long bit;
  private final boolean standard;

  CpuFeature(Register register, long bit, boolean standard) {
    this.register = register;
    this.bit = bit;
    this.standard = standard;
  }

  /** Returns the register that switches it. */
  public Register register() {
    return register;
  }

  /** Returns the bit of {@link #register}. */
  public long bit() {
    return bit;
  }

  /** Whether machines for tests have it on unless they are told otherwise. */
  public boolean isStandard() {
    return standard;
  }
}
