package dev.kmemu.emulator.device;

import dev.kmemu.emulator.memory.PhysicalAddress;
import dev.kmemu.emulator.model.MsrDevice;
import java.util.function.Consumer;

/**
 * How the guest gets at its local APIC: the page at 0xFEE00000 in xAPIC mode, MSRs 0x800 to 0x8FF
 * in x2APIC mode (Intel SDM vol. 3A, 10.4.4 and 10.12), and IA32_APIC_BASE to choose. The page
 * can't be moved: a base elsewhere is #GP. On the CPU's thread.
 */
public final class ApicAccess extends DeviceState implements MmioDevice, MsrDevice {

  /** Where the page is. */
  public static final PhysicalAddress PAGE = new PhysicalAddress(0xFEE0_0000L);

  /** Bytes in the page. */
  public static final int PAGE_BYTES = 4096;

  private static final int APIC_BASE = 0x1B;
  private static final int TSC_DEADLINE = 0x6E0;
  private static final int FIRST = 0x800;
  private static final int LAST = 0x8FF;
  private static final int BOOT_CPU = 1 << 8;
  private static final int X2APIC = 1 << 10;
  private static final int ENABLED = 1 << 11;
  private static final long LOW = 0xFFFF_FFFFL;
  private static final long COMMAND_RESERVED = 0xFFF3_3000L;

  private final LocalApic apic;
  private final ApicRegisters registers;
  private final Consumer<Boolean> enabled;
  private int state = ENABLED;

  /**
   * Creates the access.
   *
   * @param enabled hears whether the guest has the APIC switched on, as CPUID is to tell
   */
  public ApicAccess(LocalApic apic, Consumer<Boolean> enabled) {
    super("local-apic-access");
    this.apic = apic;
    this.registers = new ApicRegisters(apic);
    this.enabled = enabled;
  }

  private boolean isX2() {
    return (state & X2APIC) != 0;
  }

  /** Registers are 32 bits wide, at multiples of 16; smaller loads get a part. */
  @Override
  public long read(int offset, int size) {
    if (state != ENABLED) {
      return -1;
    }
    int number = offset >> 4;
    int within = offset & 0xF;
    if (!ApicRegisters.exists(number, false)) {
      apic.noteError(LocalApic.ILLEGAL_REGISTER);
      apic.tell();
      return 0;
    }
    return within >= Integer.BYTES ? 0 : (registers.read(number) & LOW) >>> (within * Byte.SIZE);
  }

  @Override
  public boolean write(int offset, int size, long value) {
    if (state == ENABLED && (offset & 0xF) == 0 && size == Integer.BYTES) {
      int number = offset >> 4;
      if (ApicRegisters.exists(number, false)) {
        registers.write(number, (int) value);
      } else {
        apic.noteError(LocalApic.ILLEGAL_REGISTER);
        apic.tell();
      }
    }
    return true;
  }

  @Override
  public boolean has(int index) {
    return index == APIC_BASE || index == TSC_DEADLINE || (index >= FIRST && index <= LAST);
  }

  @Override
  public long read(int index) {
    if (index == APIC_BASE) {
      return PAGE.value() | BOOT_CPU | state;
    }
    if (index == TSC_DEADLINE) {
      return apic.timer.deadline();
    }
    int number = index - FIRST;
    boolean readable = number != ApicRegisters.END_OF_INTERRUPT && number != ApicRegisters.SELF;
    if (!isX2() || !readable || !ApicRegisters.exists(number, true)) {
      return REFUSED;
    }
    return number == ApicRegisters.COMMAND ? registers.readCommand() : registers.read(number) & LOW;
  }

  @Override
  public boolean write(int index, long value) {
    if (index == APIC_BASE) {
      return writeBase(value);
    }
    if (index == TSC_DEADLINE) {
      apic.timer.setDeadline(value);
      apic.tell();
      return true;
    }
    int number = index - FIRST;
    if (!isX2() || !ApicRegisters.exists(number, true) || !takes(number, value)) {
      return false;
    }
    if (number == ApicRegisters.COMMAND) {
      registers.writeCommand(value);
    } else {
      registers.write(number, (int) value);
    }
    return true;
  }

  /** Whether an MSR may be written, with these bits. */
  private static boolean takes(int number, long value) {
    if (number == ApicRegisters.COMMAND) {
      return (value & COMMAND_RESERVED) == 0;
    }
    if (value >>> Integer.SIZE != 0) {
      return false;
    }
    int low = (int) value;
    if (number >= ApicRegisters.LOCAL && number <= ApicRegisters.LOCAL_LAST) {
      return ApicLocalVectors.isWritable(number - ApicRegisters.LOCAL, low);
    }
    return switch (number) {
      case ApicRegisters.END_OF_INTERRUPT, ApicRegisters.ERRORS -> low == 0;
      case ApicRegisters.TASK_PRIORITY, ApicRegisters.SELF -> (low & ~0xFF) == 0;
      case ApicRegisters.SPURIOUS -> (low & ~0x3FF) == 0;
      case ApicRegisters.DIVIDE -> (low & ~0xB) == 0;
      case ApicRegisters.INITIAL_COUNT -> true;
      default -> false;
    };
  }

  /** The transitions of figure 10-27: none into x2APIC mode but from xAPIC mode, none back. */
  private boolean writeBase(long value) {
    int wanted = (int) value & (ENABLED | X2APIC);
    if ((value & ~(long) (ENABLED | X2APIC | BOOT_CPU)) != PAGE.value()
        || wanted == X2APIC
        || (isX2() && wanted == ENABLED)
        || (state == 0 && wanted == (ENABLED | X2APIC))) {
      return false;
    }
    if (wanted != state) {
      boolean switched = ((wanted ^ state) & ENABLED) != 0;
      state = wanted;
      apic.destination().setWide(isX2());
      if (switched) {
        apic.setPresent(wanted != 0);
        enabled.accept(wanted != 0);
      }
      apic.tell();
    }
    return true;
  }

  @Override
  protected long[] save() {
    long[] saved = new long[1 + ApicRegisters.STATE];
    saved[0] = state;
    registers.save(saved, 1);
    return saved;
  }

  @Override
  protected void restore(long[] saved) {
    state = (int) saved[0] & (ENABLED | X2APIC);
    registers.restore(saved, 1);
    enabled.accept(state != 0);
  }
}
