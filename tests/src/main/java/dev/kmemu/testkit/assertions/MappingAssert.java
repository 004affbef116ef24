package dev.kmemu.testkit.assertions;

import dev.kmemu.emulator.memory.PhysicalAddress;
import dev.kmemu.emulator.mmu.Permissions;
import dev.kmemu.emulator.mmu.Translation;
import dev.kmemu.vm.page.VmPage;
import dev.kmemu.vm.pmap.PteBits;
import java.util.function.Predicate;
import org.assertj.core.api.AbstractAssert;

/**
 * Assertions on one mapping. Permissions are what all levels allow together, Accessed and Dirty are
 * the leaf's.
 */
public final class MappingAssert extends AbstractAssert<MappingAssert, Object> {

  private final Mapping mapping;

  MappingAssert(Mapping mapping) {
    super(mapping, MappingAssert.class);
    this.mapping = mapping;
  }

  MappingAssert isPresent() {
    return verify(mapping.mapped().isPresent(), "to be present");
  }

  MappingAssert isAbsent() {
    return verify(mapping.mapped().isEmpty(), "to be absent");
  }

  /** Verifies the physical address, offset in the page included. */
  public MappingAssert to(PhysicalAddress physical) {
    return verify(found -> found.physical().equals(physical), "to lead to " + physical);
  }

  /** Verifies the physical address, offset in the page included. */
  public MappingAssert to(long pa) {
    return to(new PhysicalAddress(pa));
  }

  /** Verifies that it leads to the first byte of {@code page}. */
  public MappingAssert to(VmPage page) {
    return to(page.address());
  }

  /** Verifies the size of the page: 4096, or 2 MiB. */
  public MappingAssert ofSize(long bytes) {
    return verify(found -> found.pageBytes() == bytes, "to be of a page of " + bytes + " bytes");
  }

  /** Verifies that writes are allowed. */
  public MappingAssert writable() {
    return allows(Permissions::writable, "to be writable");
  }

  /** Verifies that writes aren't allowed, where CR0.WP is set. */
  public MappingAssert readOnly() {
    return allows(permissions -> !permissions.writable(), "to be read-only");
  }

  /** Verifies that ring 3 has access. */
  public MappingAssert user() {
    return allows(Permissions::user, "to be ring 3's");
  }

  /** Verifies that ring 3 has no access. */
  public MappingAssert supervisor() {
    return allows(permissions -> !permissions.user(), "to be the supervisor's alone");
  }

  /** Verifies that it may be executed. */
  public MappingAssert executable() {
    return allows(Permissions::executable, "to be executable");
  }

  /** Verifies that XD forbids to execute it. */
  public MappingAssert notExecutable() {
    return allows(permissions -> !permissions.executable(), "not to be executable");
  }

  /** Verifies that A is set. */
  public MappingAssert accessed() {
    return verify(Translation.Mapped::accessed, "to have A set");
  }

  /** Verifies that A is clear. */
  public MappingAssert notAccessed() {
    return verify(found -> !found.accessed(), "to have A clear");
  }

  /** Verifies that D is set. */
  public MappingAssert dirty() {
    return verify(Translation.Mapped::dirty, "to have D set");
  }

  /** Verifies that D is clear. */
  public MappingAssert clean() {
    return verify(found -> !found.dirty(), "to have D clear");
  }

  /** Verifies that the entry says wired: the software bit {@code PG_W}. */
  public MappingAssert wired() {
    return verify((mapping.leaf() & PteBits.W) != 0, "to be wired (PG_W)");
  }

  /** Verifies that the entry doesn't say wired. */
  public MappingAssert notWired() {
    return verify((mapping.leaf() & PteBits.W) == 0, "not to be wired (PG_W)");
  }

  /** Verifies that the entry says that it has a PV entry: the software bit {@code PG_MANAGED}. */
  public MappingAssert managed() {
    return verify((mapping.leaf() & PteBits.MANAGED) != 0, "to be managed (PG_MANAGED)");
  }

  /** Verifies that the entry has no PV entry. */
  public MappingAssert unmanaged() {
    return verify((mapping.leaf() & PteBits.MANAGED) == 0, "to be unmanaged (PG_MANAGED)");
  }

  private MappingAssert allows(Predicate<Permissions> condition, String expected) {
    return verify(found -> condition.test(found.permissions()), expected);
  }

  private MappingAssert verify(Predicate<Translation.Mapped> condition, String expected) {
    return verify(mapping.mapped().filter(condition).isPresent(), expected);
  }

  private MappingAssert verify(boolean holds, String expected) {
    if (!holds) {
      throw failure("%s", "\nExpecting " + mapping + " " + expected + ":\n\n" + mapping.walk());
    }
    return this;
  }
}
