package dev.kmemu.emulator.mmu;

import static dev.kmemu.emulator.mmu.AccessKind.FETCH;
import static dev.kmemu.emulator.mmu.AccessKind.READ;
import static dev.kmemu.emulator.mmu.AccessKind.WRITE;
import static dev.kmemu.emulator.mmu.GuestTables.CR0;
import static dev.kmemu.emulator.mmu.GuestTables.CR4;
import static dev.kmemu.emulator.mmu.GuestTables.EFER;
import static dev.kmemu.emulator.mmu.GuestTables.VA;
import static dev.kmemu.emulator.mmu.PageTableEntry.NO_EXECUTE;
import static dev.kmemu.emulator.mmu.PageTableEntry.PRESENT;
import static dev.kmemu.emulator.mmu.PageTableEntry.USER;
import static dev.kmemu.emulator.mmu.PageTableEntry.WRITABLE;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.kmemu.emulator.memory.VirtualAddress;
import dev.kmemu.emulator.mmu.AccessOutcome.Allowed;
import dev.kmemu.emulator.mmu.AccessOutcome.GeneralProtection;
import dev.kmemu.emulator.mmu.AccessOutcome.PageFault;
import dev.kmemu.emulator.mmu.AccessOutcome.Undefined;
import org.junit.jupiter.api.Test;

/** Error codes are written as numbers here: bit 0 P, 1 W/R, 2 U/S, 3 RSVD, 4 I/D. */
class AccessCheckTest {

  private static final PagingMode PLAIN = GuestTables.mode();
  private static final PagingMode NO_WP = GuestTables.mode(PagingMode.CR0_PG, CR4, EFER);
  private static final PagingMode SMEP = GuestTables.mode(CR0, CR4 | PagingMode.CR4_SMEP, EFER);
  private static final PagingMode SMAP = GuestTables.mode(CR0, CR4 | PagingMode.CR4_SMAP, EFER);
  private static final PagingMode NO_NX = GuestTables.mode(CR0, CR4, PagingMode.EFER_LME);

  private final GuestTables tables = new GuestTables();

  @Test
  void anAbsentPageFaultsWithTheAccessAlone() {
    assertFault(PLAIN, READ, 0, 0b00000);
    assertFault(PLAIN, WRITE, 0, 0b00010);
    assertFault(PLAIN, FETCH, 0, 0b10000);
    assertFault(PLAIN, READ, 3, 0b00100);
    assertFault(PLAIN, WRITE, 3, 0b00110);
    assertFault(PLAIN, FETCH, 3, 0b10100);
  }

  @Test
  void aFetchIsMarkedOnlyWhenNxOrSmepIsOn() {
    assertFault(NO_NX, FETCH, 0, 0b00000);
    PagingMode smepOnly = GuestTables.mode(CR0, CR4 | PagingMode.CR4_SMEP, PagingMode.EFER_LME);
    assertFault(smepOnly, FETCH, 0, 0b10000);
  }

  @Test
  void aReadOnlyPageRefusesWrites() {
    tables.pte(0x9000 | PRESENT | USER);
    assertAllowed(PLAIN, READ, 0);
    assertFault(PLAIN, WRITE, 0, 0b00011);
    assertFault(PLAIN, WRITE, 3, 0b00111);
  }

  @Test
  void withoutWriteProtectTheSupervisorWritesReadOnlyPages() {
    tables.pte(0x9000 | PRESENT | USER);
    assertAllowed(NO_WP, WRITE, 0);
    assertAllowed(NO_WP, WRITE, 2);
    assertFault(NO_WP, WRITE, 3, 0b00111);
  }

  @Test
  void aSupervisorPageRefusesUserMode() {
    tables.pte(0x9000 | PRESENT | WRITABLE);
    assertAllowed(PLAIN, WRITE, 0);
    assertAllowed(PLAIN, READ, 1);
    assertFault(PLAIN, READ, 3, 0b00101);
    assertFault(PLAIN, FETCH, 3, 0b10101);
  }

  @Test
  void aNoExecutePageRefusesFetches() {
    tables.pte(0x9000 | PRESENT | WRITABLE | USER | NO_EXECUTE);
    assertFault(PLAIN, FETCH, 0, 0b10001);
    assertFault(PLAIN, FETCH, 3, 0b10101);
    assertAllowed(PLAIN, READ, 3);
  }

  @Test
  void smepKeepsTheSupervisorFromExecutingUserPages() {
    tables.pte(0x9000 | PRESENT | WRITABLE | USER);
    assertAllowed(PLAIN, FETCH, 0);
    assertFault(SMEP, FETCH, 0, 0b10001);
    assertAllowed(SMEP, FETCH, 3);
    assertAllowed(SMEP, READ, 0);
  }

  @Test
  void smapKeepsTheSupervisorFromUserDataUnlessAcIsSet() {
    tables.pte(0x9000 | PRESENT | WRITABLE | USER);
    assertFault(SMAP, READ, 0, 0b00001);
    assertFault(SMAP, WRITE, 0, 0b00011);
    assertAllowed(SMAP, FETCH, 0);
    assertAllowed(SMAP, WRITE, 3);
    PagingMode stac = PagingMode.of(SMAP.cr0(), SMAP.cr3(), SMAP.cr4(), EFER, PagingMode.RFLAGS_AC);
    assertAllowed(stac, WRITE, 0);
  }

  @Test
  void aReservedBitIsReportedAsPresentAndReserved() {
    tables.pte(1L << 45 | 0x9000 | PRESENT);
    assertFault(PLAIN, READ, 0, 0b01001);
    assertFault(PLAIN, WRITE, 3, 0b01111);
  }

  @Test
  void anAddressThatIsNotCanonicalIsNoPageFault() {
    Translation hole = tables.walk(PLAIN, new VirtualAddress(1L << 63));
    assertThat(AccessCheck.check(PLAIN, hole, READ, 0)).isEqualTo(GeneralProtection.INSTANCE);
  }

  @Test
  void aTableOutsideRamIsNotPredicted() {
    tables.pde(0xFFFFF000L | PRESENT);
    assertThat(AccessCheck.check(PLAIN, tables.walk(), READ, 0)).isInstanceOf(Undefined.class);
  }

  @Test
  void withoutPagingEverythingIsAllowed() {
    PagingMode off = GuestTables.mode(1, CR4 | PagingMode.CR4_SMAP | PagingMode.CR4_SMEP, 0);
    Translation itself = tables.walk(off, VA);
    for (AccessKind access : AccessKind.values()) {
      assertThat(AccessCheck.check(off, itself, access, 0)).isEqualTo(Allowed.INSTANCE);
    }
  }

  @Test
  void aPrivilegeLevelIsZeroToThree() {
    assertThatThrownBy(() -> AccessCheck.check(PLAIN, tables.walk(), READ, 4))
        .hasMessageContaining("0 to 3");
  }

  private void assertFault(PagingMode mode, AccessKind access, int cpl, int errorCode) {
    assertThat(AccessCheck.check(mode, tables.walk(mode, VA), access, cpl))
        .isEqualTo(new PageFault(errorCode));
  }

  private void assertAllowed(PagingMode mode, AccessKind access, int cpl) {
    assertThat(AccessCheck.check(mode, tables.walk(mode, VA), access, cpl))
        .isEqualTo(Allowed.INSTANCE);
  }
}
