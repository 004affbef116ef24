package dev.kmemu.emulator.mmu;

/**
 * What all levels of a translation allow together, before CR0.WP, SMEP and SMAP.
 *
 * @param writable R/W is set at every level
 * @param user U/S is set at every level
 * @param executable XD is set at no level, or EFER.NXE is clear
 */
public record Permissions(boolean writable, boolean user, boolean executable) {

  @Override
  public String toString() {
    return (user ? "user" : "supervisor")
        + " r"
        + (writable ? "w" : "-")
        + (executable ? "x" : "-");
  }
}
