package dev.kmemu.emulator.trap;

import dev.kmemu.emulator.cpu.CpuState;
import dev.kmemu.emulator.cpu.SegmentAttributes;
import dev.kmemu.emulator.cpu.SegmentRegister;
import dev.kmemu.emulator.memory.PhysicalMemory;
import dev.kmemu.emulator.mmu.LinearAccess;
import org.jspecify.annotations.Nullable;

/**
 * Loads a segment register with all that belongs to it, as MOV, LLDT, LTR or a far jump would
 * (Intel SDM vol. 2A, MOV; vol. 3A, 5.5 to 5.8), for whoever sets selectors from outside.
 */
public final class SegmentLoader {

  private static final long CR0_PE = 1;
  private static final long RFLAGS_VM = 1L << 17;
  private static final long EFER_LMA = 1L << 10;
  private static final int SELECTOR_RPL = 3;
  private static final int REAL_MODE_SHIFT = 4;
  private static final int LDT_TYPE = 2;
  private static final int TSS_32 = 9;
  private static final int TSS_BUSY = 2;
  private static final int LOCAL = 4;
  private static final int HIGH_HALF = 8;

  private final LinearAccess memory;
  private final DescriptorReader descriptors;

  /** Reads descriptor tables in {@code ram}. */
  public SegmentLoader(PhysicalMemory ram) {
    memory = new LinearAccess(ram);
    descriptors = new DescriptorReader(memory);
  }

  /**
   * Loads {@code segment}.
   *
   * @param selector 0 to 65535
   * @return null, or why the CPU refuses, a phrase; nothing has changed then
   */
  public @Nullable String load(CpuState cpu, SegmentRegister segment, int selector) {
    boolean isReal = (cpu.cr0() & CR0_PE) == 0 || (cpu.rflags() & RFLAGS_VM) != 0;
    if (isReal && !segment.isSystem()) {
      cpu.load(
          segment,
          selector,
          (long) selector << REAL_MODE_SHIFT,
          cpu.limit(segment),
          cpu.attributes(segment));
      return null;
    }
    if (isReal) {
      return "LDTR and TR are loaded in protected mode only";
    }
    if ((selector & ~SELECTOR_RPL) == 0) {
      return loadNull(cpu, segment, selector);
    }
    if (segment.isSystem() && (selector & LOCAL) != 0) {
      return "its descriptor must lie in the GDT";
    }
    memory.enter(cpu);
    switch (descriptors.read(cpu, selector)) {
      case BEYOND_LIMIT -> {
        return "it is beyond the limit of its descriptor table";
      }
      case PAGE_FAULT -> {
        return "its descriptor can't be read";
      }
      case FOUND -> {}
    }
    int attributes = descriptors.attributes();
    if ((attributes & SegmentAttributes.PRESENT) == 0) {
      return "its descriptor isn't present";
    }
    return segment.isSystem()
        ? loadSystem(cpu, segment, selector, attributes)
        : loadOrdinary(cpu, segment, selector, attributes);
  }

  private static @Nullable String loadNull(CpuState cpu, SegmentRegister segment, int selector) {
    boolean longMode = (cpu.efer() & EFER_LMA) != 0;
    boolean allowed =
        switch (segment) {
          case CS, TR -> false;
          case SS -> longMode && cpu.cpl() < SELECTOR_RPL && (selector & SELECTOR_RPL) == cpu.cpl();
          default -> true;
        };
    if (!allowed) {
      return "a null selector isn't allowed there";
    }
    int attributes =
        segment == SegmentRegister.SS
            ? SegmentAttributes.withDpl(SegmentAttributes.DATA, cpu.cpl())
            : 0;
    cpu.load(segment, selector, 0, segment == SegmentRegister.SS ? -1 : 0, attributes);
    return null;
  }

  private @Nullable String loadSystem(
      CpuState cpu, SegmentRegister segment, int selector, int attributes) {
    boolean longMode = (cpu.efer() & EFER_LMA) != 0;
    int type = SegmentAttributes.type(attributes);
    boolean fits =
        (attributes & SegmentAttributes.NOT_SYSTEM) == 0
            && (segment == SegmentRegister.LDTR
                ? type == LDT_TYPE
                : (type & ~TSS_BUSY) == TSS_32 || (!longMode && (type & ~TSS_BUSY) == 1));
    if (!fits) {
      return segment == SegmentRegister.LDTR
          ? "its descriptor isn't one of an LDT"
          : "its descriptor isn't one of a TSS";
    }
    long base = descriptors.base();
    int limit = descriptors.limit();
    if (longMode) {
      if (!memory.read(descriptors.address() + HIGH_HALF, Integer.BYTES, false)) {
        return "its descriptor can't be read";
      }
      base |= memory.value() << Integer.SIZE;
    }
    cpu.load(segment, selector, base, limit, attributes);
    return null;
  }

  private @Nullable String loadOrdinary(
      CpuState cpu, SegmentRegister segment, int selector, int attributes) {
    int rpl = selector & SELECTOR_RPL;
    int dpl = SegmentAttributes.dpl(attributes);
    boolean isCode = SegmentAttributes.isCode(attributes);
    boolean conforms = isCode && (attributes & SegmentAttributes.CONFORMING) != 0;
    if ((attributes & SegmentAttributes.NOT_SYSTEM) == 0) {
      return "its descriptor is a system one";
    }
    String refusal =
        switch (segment) {
          case CS -> {
            if (!isCode) {
              yield "its descriptor isn't one of code";
            }
            boolean privileged = conforms ? dpl <= cpu.cpl() : dpl == cpu.cpl();
            yield privileged && rpl == cpu.cpl()
                ? null
                : "it would change the privilege level, which is " + cpu.cpl();
          }
          case SS -> {
            if (!SegmentAttributes.isWritableData(attributes)) {
              yield "its descriptor isn't one of writable data";
            }
            yield rpl == cpu.cpl() && dpl == cpu.cpl()
                ? null
                : "its RPL and DPL must be the privilege level, which is " + cpu.cpl();
          }
          default -> {
            if (isCode && (attributes & SegmentAttributes.WRITABLE) == 0) {
              yield "its descriptor is one of code that can't be read";
            }
            yield conforms || dpl >= Math.max(rpl, cpu.cpl())
                ? null
                : "its DPL is more privileged than RPL or the privilege level allow";
          }
        };
    if (refusal == null) {
      cpu.load(
          segment,
          selector,
          descriptors.base(),
          descriptors.limit(),
          attributes | SegmentAttributes.ACCESSED);
    }
    return refusal;
  }
}
