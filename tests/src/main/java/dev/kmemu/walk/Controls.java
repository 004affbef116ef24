package dev.kmemu.walk;

import dev.kmemu.emulator.mmu.PagingMode;
import java.util.ArrayList;
import java.util.List;

/**
 * What apart from the page tables decides about an access.
 *
 * @param writeProtect CR0.WP
 * @param smep CR4.SMEP
 * @param smap CR4.SMAP
 * @param globalPages CR4.PGE
 * @param noExecute EFER.NXE
 * @param alignmentCheck RFLAGS.AC
 * @param user whether the CPL is 3 and not 0
 */
public record Controls(
    boolean writeProtect,
    boolean smep,
    boolean smap,
    boolean globalPages,
    boolean noExecute,
    boolean alignmentCheck,
    boolean user) {

  private static final int FLAGS = 7;
  private static final long CR0 = 0x8004_0033L; // PG AM NE ET MP PE
  private static final long CR4 = 0x620; // OSXMMEXCPT OSFXSR PAE
  private static final long EFER = 0x501; // LMA LME SCE
  private static final long RFLAGS = 2;

  /** Returns all 128, those of one ring behind each other. */
  public static List<Controls> all() {
    List<Controls> all = new ArrayList<>();
    for (int bits = 0; bits < 1 << FLAGS; bits++) {
      all.add(
          new Controls(
              has(bits, 0),
              has(bits, 1),
              has(bits, 2),
              has(bits, 3),
              has(bits, 4),
              has(bits, 5),
              has(bits, 6)));
    }
    return all;
  }

  private static boolean has(int bits, int number) {
    return (bits >> number & 1) != 0;
  }

  /** Returns the current privilege level. */
  public int cpl() {
    return user ? 3 : 0;
  }

  /** Returns what the registers hold, with the top table at {@code cr3}. */
  public PagingMode mode(long cr3) {
    return PagingMode.of(
        CR0 | (writeProtect ? PagingMode.CR0_WP : 0),
        cr3,
        CR4
            | (smep ? PagingMode.CR4_SMEP : 0)
            | (smap ? PagingMode.CR4_SMAP : 0)
            | (globalPages ? PagingMode.CR4_PGE : 0),
        EFER | (noExecute ? PagingMode.EFER_NXE : 0),
        RFLAGS | (alignmentCheck ? PagingMode.RFLAGS_AC : 0));
  }
}
