package dev.kmemu.emulator.mmu;

import dev.kmemu.emulator.cpu.TrapFrame;

/**
 * Access rights and page-fault error codes; Intel SDM vol. 3A, 4.6 and 4.7. Protection keys and
 * shadow stacks aren't modelled, and every supervisor access counts as explicit.
 */
public final class AccessCheck {

  private AccessCheck() {}

  /**
   * Predicts what an access does.
   *
   * @param translation the walk of its address under {@code mode}
   * @param cpl the current privilege level, 0 to 3; 3 is user mode
   */
  public static AccessOutcome check(
      PagingMode mode, Translation translation, AccessKind access, int cpl) {
    if (cpl < 0 || cpl > 3) {
      throw new IllegalArgumentException("CPL must be 0 to 3, got " + cpl);
    }
    boolean user = cpl == 3;
    int cause = cause(mode, access, user);
    if (translation instanceof Translation.Mapped mapped) {
      return mapped.levels().isEmpty() || isAllowed(mode, mapped.permissions(), access, user)
          ? AccessOutcome.Allowed.INSTANCE
          : new AccessOutcome.PageFault(cause | TrapFrame.PF_PRESENT);
    }
    TranslationMiss reason = ((Translation.NotMapped) translation).reason();
    if (reason instanceof TranslationMiss.NonCanonical) {
      return AccessOutcome.GeneralProtection.INSTANCE;
    }
    if (reason instanceof TranslationMiss.NotPresent) {
      return new AccessOutcome.PageFault(cause);
    }
    if (reason instanceof TranslationMiss.ReservedBits) {
      return new AccessOutcome.PageFault(cause | TrapFrame.PF_PRESENT | TrapFrame.PF_RESERVED);
    }
    return new AccessOutcome.Undefined(reason);
  }

  private static boolean isAllowed(
      PagingMode mode, Permissions permissions, AccessKind access, boolean user) {
    if (user && !permissions.user()) {
      return false;
    }
    boolean supervisorToUser = !user && permissions.user();
    return switch (access) {
      case READ -> !(supervisorToUser && mode.preventsSupervisorAccess());
      case WRITE ->
          !(supervisorToUser && mode.preventsSupervisorAccess())
              && (permissions.writable() || !(user || mode.isWriteProtected()));
      case FETCH ->
          !(supervisorToUser && mode.preventsSupervisorFetch()) && permissions.executable();
    };
  }

  /** Returns the part of the error code that doesn't depend on the tables. */
  private static int cause(PagingMode mode, AccessKind access, boolean user) {
    int cause = user ? TrapFrame.PF_USER : 0;
    if (access == AccessKind.WRITE) {
      cause |= TrapFrame.PF_WRITE;
    }
    if (access == AccessKind.FETCH && (mode.hasNoExecute() || mode.preventsSupervisorFetch())) {
      cause |= TrapFrame.PF_FETCH;
    }
    return cause;
  }
}
