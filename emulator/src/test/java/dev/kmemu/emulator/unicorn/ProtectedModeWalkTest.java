package dev.kmemu.emulator.unicorn;

import static org.assertj.core.api.Assertions.assertThat;

import dev.kmemu.emulator.cpu.TrapFrame;
import dev.kmemu.emulator.memory.PhysicalAddress;
import dev.kmemu.emulator.memory.VirtualAddress;
import dev.kmemu.emulator.mmu.AccessCheck;
import dev.kmemu.emulator.mmu.AccessKind;
import dev.kmemu.emulator.mmu.AccessOutcome;
import dev.kmemu.emulator.mmu.EntryMarks;
import dev.kmemu.emulator.mmu.LevelEntry;
import dev.kmemu.emulator.mmu.PageTableEntry;
import dev.kmemu.emulator.mmu.PageWalker;
import dev.kmemu.emulator.mmu.PagingMode;
import dev.kmemu.emulator.mmu.Translation;
import dev.kmemu.emulator.mmu.WalkReport;
import java.util.HashMap;
import java.util.Map;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

/** 32-bit and PAE paging: the Java walk against the CPU's, for random entries and control bits. */
class ProtectedModeWalkTest {

  private static final AccessKind[] KINDS = AccessKind.values();
  private static final int TRIES = 8_000;
  private static final long SEED = Long.getLong("kmemu.walk.seed", System.nanoTime());
  private static final long WRITTEN = 0xABCD_1234L;

  private static final long PAE_PD = 0xA000;
  private static final long TABLE = 0xB000;
  private static final int PD_INDEX = 2;
  private static final int PT_INDEX = 0x55;
  private static final long PAE_PAGE = 1L << 30 | PD_INDEX << 21 | PT_INDEX << 12;
  private static final long PAGE = PD_INDEX << 22 | PT_INDEX << 12;

  private final SplittableRandom random = new SplittableRandom(SEED);
  private final Map<String, Integer> outcomes = new HashMap<>();

  @Test
  void thirtyTwoBitPagingInRingZero() {
    compare(false, false);
  }

  @Test
  void thirtyTwoBitPagingInRingThree() {
    compare(false, true);
  }

  @Test
  void paePagingInRingZero() {
    compare(true, false);
  }

  @Test
  void paePagingInRingThree() {
    compare(true, true);
  }

  private void compare(boolean pae, boolean user) {
    try (ProtectedModeMachine machine = new ProtectedModeMachine(user)) {
      for (int i = 0; i < TRIES; i++) {
        AccessKind kind = KINDS[random.nextInt(KINDS.length)];
        PagingMode mode = mode(pae);
        if (pae) {
          storePaeEntries(machine, kind != AccessKind.FETCH);
        } else {
          storeEntries(machine, mode, kind != AccessKind.FETCH);
        }
        long page = pae ? PAE_PAGE : PAGE;
        boolean fetch = kind == AccessKind.FETCH;
        long address =
            page + (fetch ? ProtectedModeMachine.CODE_OFFSET : ProtectedModeMachine.DATA_OFFSET);
        compare(machine, mode, kind, user ? 3 : 0, address);
      }
    }
    assertThat(outcomes.keySet()).contains("ok 4096", "pf 0", "pf 1", "pf 9");
    assertThat(outcomes).containsKey(pae ? "ok 2097152" : "ok 4194304");
  }

  private void compare(
      ProtectedModeMachine machine, PagingMode mode, AccessKind kind, int cpl, long address) {
    PageWalker walker = new PageWalker(machine.ram);
    Translation walk = walker.walk(mode, new VirtualAddress(address));
    AccessOutcome outcome = AccessCheck.check(mode, walk, kind, cpl);
    String shown =
        String.format(
            "%s at CPL %d, %s, seed %d%n%s",
            kind, cpl, mode, SEED, WalkReport.of(mode, new VirtualAddress(address), walk));
    long fast = walker.translate(mode, address);
    machine.set(mode);
    long eax = machine.access(kind, address, WRITTEN);
    if (outcome instanceof AccessOutcome.PageFault fault) {
      outcomes.merge("pf " + (fault.errorCode() & 9), 1, Integer::sum);
      assertThat(machine.vector).as(shown).isEqualTo(TrapFrame.PAGE_FAULT);
      assertThat(machine.errorCode).as(shown).isEqualTo(fault.errorCode());
      assertThat(machine.faultAddress).as(shown).isEqualTo(address);
    } else {
      Translation.Mapped mapped = (Translation.Mapped) walk;
      outcomes.merge("ok " + mapped.pageBytes(), 1, Integer::sum);
      assertThat(machine.vector).as(shown).isEqualTo(TrapFrame.INVALID_OPCODE);
      assertThat(fast).as(shown).isEqualTo(mapped.physical().value());
      assertMoved(machine, kind, mapped.physical(), eax, shown);
    }
    assertThat(fast == PageWalker.UNMAPPED).isEqualTo(walk instanceof Translation.NotMapped);
    assertMarks(machine, walk, outcome, kind, shown);
  }

  private static void assertMoved(
      ProtectedModeMachine machine,
      AccessKind kind,
      PhysicalAddress physical,
      long eax,
      String shown) {
    boolean inRam = machine.ram.contains(physical, 4);
    long number = physical.value() >>> 12;
    if (kind != AccessKind.WRITE) {
      assertThat(eax).as(shown).isEqualTo(inRam ? number : 0xFFFF_FFFFL);
    } else if (inRam) {
      assertThat(machine.ram.load32(physical)).as(shown).isEqualTo((int) WRITTEN);
      machine.ram.store32(physical, (int) number);
    }
  }

  private static void assertMarks(
      ProtectedModeMachine machine,
      Translation walk,
      AccessOutcome outcome,
      AccessKind kind,
      String shown) {
    for (int i = 0; i < walk.levels().size(); i++) {
      LevelEntry entry = walk.levels().get(i);
      boolean narrow = entry.value() >>> 32 == 0;
      long word = machine.ram.load64(entry.address().value() & -8L);
      long after =
          (entry.address().value() & 4) != 0 ? word >>> 32 : narrow ? word & 0xFFFF_FFFFL : word;
      long changed = after ^ entry.value();
      long required = EntryMarks.required(walk, outcome, kind, i);
      long permitted = EntryMarks.permitted(walk, outcome, kind, i);
      assertThat(after & required).as(shown).isEqualTo(required);
      assertThat(changed & ~permitted).as(shown).isZero();
    }
  }

  private void storeEntries(ProtectedModeMachine machine, PagingMode mode, boolean mayLeaveRam) {
    long pde = flags() | (oneIn(3) ? PageTableEntry.PAGE_SIZE : 0);
    if ((pde & PageTableEntry.PAGE_SIZE) != 0 && mode.hasLargePages()) {
      pde |= 2 * ProtectedModeMachine.FRAME_BYTES * random.nextInt(4);
      pde |= random.nextLong() & PageTableEntry.PAT_LARGE;
      pde |= mayLeaveRam && oneIn(8) ? random.nextLong() & 0x1F_E000L : 0;
      pde |= oneIn(16) ? 1 << 21 : 0;
    } else {
      pde |= TABLE;
    }
    long pte = flags() | landing() | (random.nextLong() & PageTableEntry.PAT);
    narrow(machine, ProtectedModeMachine.PAGE_DIRECTORY + 4 * PD_INDEX, pde);
    narrow(machine, TABLE + 4 * PT_INDEX, pte);
  }

  private static void narrow(ProtectedModeMachine machine, long at, long entry) {
    machine.ram.store32(new PhysicalAddress(at), (int) entry);
  }

  private void storePaeEntries(ProtectedModeMachine machine, boolean mayLeaveRam) {
    long pdpte = PAE_PD | (random.nextLong() & 0xE18) | (oneIn(16) ? 0 : 1);
    long pde = flags() | wide() | (oneIn(3) ? PageTableEntry.PAGE_SIZE : 0);
    if ((pde & PageTableEntry.PAGE_SIZE) != 0) {
      pde |= ProtectedModeMachine.FRAME_BYTES * random.nextInt(ProtectedModeMachine.FRAMES);
      pde |= random.nextLong() & PageTableEntry.PAT_LARGE;
      pde |= oneIn(16) ? 1L << (13 + random.nextInt(8)) : 0;
      pde |= mayLeaveRam && oneIn(16) ? 1L << 38 : 0;
    } else {
      pde |= TABLE;
    }
    long pte = flags() | wide() | landing() | (random.nextLong() & PageTableEntry.PAT);
    machine.store(ProtectedModeMachine.PDPT + 8, pdpte);
    machine.store(PAE_PD + 8 * PD_INDEX, pde);
    machine.store(TABLE + 8 * PT_INDEX, pte);
  }

  private long landing() {
    return ProtectedModeMachine.FRAME_BYTES * random.nextInt(ProtectedModeMachine.FRAMES)
        + ProtectedModeMachine.LANDING;
  }

  /** P, R/W, U/S, PWT, PCD, A, D, G and the three bits for software. */
  private long flags() {
    return (random.nextLong() & 0xF78)
        | (oneIn(16) ? 0 : PageTableEntry.PRESENT)
        | (oneIn(4) ? 0 : PageTableEntry.WRITABLE)
        | (oneIn(4) ? 0 : PageTableEntry.USER);
  }

  /** XD, and reserved bits from 40 to 62. */
  private long wide() {
    return (oneIn(6) ? PageTableEntry.NO_EXECUTE : 0)
        | (oneIn(16) ? 1L << (40 + random.nextInt(23)) : 0);
  }

  private PagingMode mode(boolean pae) {
    return PagingMode.of(
        PagingMode.CR0_PG | 1 | (random.nextBoolean() ? PagingMode.CR0_WP : 0),
        pae ? ProtectedModeMachine.PDPT : ProtectedModeMachine.PAGE_DIRECTORY,
        (pae ? PagingMode.CR4_PAE : 0)
            | (pae || !oneIn(8) ? PagingMode.CR4_PSE : 0)
            | (oneIn(3) ? PagingMode.CR4_SMEP : 0)
            | (oneIn(3) ? PagingMode.CR4_SMAP : 0)
            | (random.nextBoolean() ? PagingMode.CR4_PGE : 0),
        random.nextBoolean() ? PagingMode.EFER_NXE : 0,
        random.nextBoolean() ? PagingMode.RFLAGS_AC : 0);
  }

  private boolean oneIn(int n) {
    return random.nextInt(n) == 0;
  }
}
