package dev.kmemu.testkit.assertions;

import dev.kmemu.emulator.memory.VirtualAddress;
import dev.kmemu.emulator.mmu.LevelEntry;
import dev.kmemu.emulator.mmu.PageWalker;
import dev.kmemu.emulator.mmu.PagingMode;
import dev.kmemu.emulator.mmu.Translation;
import dev.kmemu.emulator.mmu.WalkReport;
import dev.kmemu.vm.KernelVm;
import dev.kmemu.vm.pmap.Pmap;
import dev.kmemu.vm.report.AddressReport;
import java.util.List;
import java.util.Optional;

/** Where a pmap's tables lead from an address, at the moment it was made. */
final class Mapping {

  private static final long CR0 = 0x8001_0033L; // PG WP
  private static final long CR4 = 0x6A0L; // PGE PAE
  private static final long EFER = 0xD01L; // NXE LMA LME

  private final KernelVm vm;
  private final Pmap pmap;
  private final VirtualAddress address;
  private final PagingMode mode;
  private final PageWalker walker;
  private final Translation translation;

  Mapping(KernelVm vm, Pmap pmap, VirtualAddress address) {
    this.vm = vm;
    this.pmap = pmap;
    this.address = address;
    mode = PagingMode.of(CR0, pmap.tables().pml4().value(), CR4, EFER, 2);
    walker = new PageWalker(vm.ram());
    translation = walker.walk(mode, address);
  }

  /** Returns the translation, if there is one. */
  Optional<Translation.Mapped> mapped() {
    return translation instanceof Translation.Mapped found ? Optional.of(found) : Optional.empty();
  }

  /** Returns the bits of the entry that the walk ended at, 0 when it read none. */
  long leaf() {
    List<LevelEntry> levels = translation.levels();
    return levels.isEmpty() ? 0 : levels.get(levels.size() - 1).value();
  }

  @Override
  public String toString() {
    return String.format("the mapping of %s in %s", address, pmap);
  }

  /** Returns the walk, level by level, and what the VM thinks. */
  String walk() {
    long physical = walker.translate(mode, address.value());
    return WalkReport.of(mode, address, translation)
        + AddressReport.of(vm, pmap.tables().pml4().value(), address.value(), physical);
  }
}
