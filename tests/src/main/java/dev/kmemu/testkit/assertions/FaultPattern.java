package dev.kmemu.testkit.assertions;

import dev.kmemu.emulator.cpu.TrapFrame;
import dev.kmemu.emulator.memory.VirtualAddress;
import dev.kmemu.emulator.trap.ExceptionName;
import dev.kmemu.testkit.guest.GuestFault;
import dev.kmemu.testkit.guest.VmAnswer;
import java.util.StringJoiner;
import org.jspecify.annotations.Nullable;

/**
 * An exception as a test expects it. What isn't said isn't looked at: {@code notPresent().write()}
 * is any write to what isn't mapped, whoever made it. Immutable.
 */
public final class FaultPattern {

  private final int vector;
  private final int bits;
  private final int mask;
  private final @Nullable VirtualAddress address;
  private final VmAnswer.@Nullable Kind answer;

  private FaultPattern(
      int vector,
      int bits,
      int mask,
      @Nullable VirtualAddress address,
      VmAnswer.@Nullable Kind answer) {
    this.vector = vector;
    this.bits = bits;
    this.mask = mask;
    this.address = address;
    this.answer = answer;
  }

  /** Returns any page fault. */
  public static FaultPattern pageFault() {
    return new FaultPattern(TrapFrame.PAGE_FAULT, 0, 0, null, null);
  }

  /** Returns a page fault on what has no translation: P is clear. */
  public static FaultPattern notPresent() {
    return pageFault().with(0, TrapFrame.PF_PRESENT | TrapFrame.PF_RESERVED);
  }

  /** Returns a page fault on what has a translation that forbids the access: P is set. */
  public static FaultPattern protection() {
    return pageFault().with(TrapFrame.PF_PRESENT, TrapFrame.PF_PRESENT | TrapFrame.PF_RESERVED);
  }

  /** Returns a page fault for a reserved bit in an entry: RSVD is set. */
  public static FaultPattern reservedBit() {
    return pageFault().with(TrapFrame.PF_RESERVED, TrapFrame.PF_RESERVED);
  }

  /** Returns a general-protection exception, as an address that isn't canonical earns it. */
  public static FaultPattern generalProtection() {
    return exception(TrapFrame.GENERAL_PROTECTION);
  }

  /**
   * Returns an exception of any kind.
   *
   * @param vector 0 to 31
   */
  public static FaultPattern exception(int vector) {
    if (vector < 0 || vector > 31) {
      throw new IllegalArgumentException("an exception has a vector of 0 to 31, not " + vector);
    }
    return new FaultPattern(vector, 0, 0, null, null);
  }

  private FaultPattern with(int set, int looked) {
    if (vector != TrapFrame.PAGE_FAULT) {
      throw new IllegalArgumentException(
          ExceptionName.of(vector) + " has no page-fault error code: begin with pageFault()");
    }
    if (((bits ^ set) & mask & looked) != 0) {
      throw new IllegalArgumentException(
          "a page fault can't be both: " + this + ", and " + words(set, looked));
    }
    return new FaultPattern(vector, bits | set, mask | looked, address, answer);
  }

  /** By a read: neither a write nor a fetch. */
  public FaultPattern read() {
    return with(0, TrapFrame.PF_WRITE | TrapFrame.PF_FETCH);
  }

  /** By a write. */
  public FaultPattern write() {
    return with(TrapFrame.PF_WRITE, TrapFrame.PF_WRITE | TrapFrame.PF_FETCH);
  }

  /** By a fetch: I/D is set, which takes EFER.NXE or CR4.SMEP. */
  public FaultPattern fetch() {
    return with(TrapFrame.PF_FETCH, TrapFrame.PF_WRITE | TrapFrame.PF_FETCH);
  }

  /** By a fetch from what XD, or SMEP, forbids to execute: {@code protection().fetch()}. */
  public FaultPattern nx() {
    return with(TrapFrame.PF_PRESENT, TrapFrame.PF_PRESENT).fetch();
  }

  /** At CPL 0 to 2. */
  public FaultPattern supervisor() {
    return with(0, TrapFrame.PF_USER);
  }

  /** At CPL 3. */
  public FaultPattern user() {
    return with(TrapFrame.PF_USER, TrapFrame.PF_USER);
  }

  /** With this address in CR2. */
  public FaultPattern at(VirtualAddress cr2) {
    return new FaultPattern(vector, bits, mask, cr2, answer);
  }

  /** With this answer of the VM's. */
  public FaultPattern answered(VmAnswer.Kind kind) {
    return new FaultPattern(vector, bits, mask, address, kind);
  }

  /** Whether {@code fault} is one of these. */
  public boolean matches(GuestFault fault) {
    return fault.vector() == vector
        && (fault.errorCode() & mask) == bits
        && (address == null || address.equals(fault.address()))
        && (answer == null || answer == fault.answer().kind());
  }

  private static String words(int bits, int mask) {
    StringJoiner text = new StringJoiner(", ");
    if ((bits & mask & TrapFrame.PF_RESERVED) != 0) {
      text.add("reserved bit");
    } else if ((mask & TrapFrame.PF_PRESENT) != 0) {
      text.add((bits & TrapFrame.PF_PRESENT) != 0 ? "protection" : "not present");
    }
    if ((mask & TrapFrame.PF_FETCH) != 0) {
      text.add(
          (bits & TrapFrame.PF_FETCH) != 0
              ? "fetch"
              : (bits & TrapFrame.PF_WRITE) != 0 ? "write" : "read");
    }
    if ((mask & TrapFrame.PF_USER) != 0) {
      text.add((bits & TrapFrame.PF_USER) != 0 ? "user" : "supervisor");
    }
    return text.toString();
  }

  /** Returns it as a phrase. */
  @Override
  public String toString() {
    String code = words(bits, mask);
    return ExceptionName.of(vector)
        + (code.isEmpty() ? "" : " (" + code + ")")
        + (address == null ? "" : " on " + address)
        + (answer == null ? "" : ", answered with " + answer);
  }
}
