package dev.kmemu.emulator.unicorn;

import dev.kmemu.emulator.cpu.Register;

/**
 * How Unicorn names and lays out a register.
 *
 * @param id {@code uc_x86_reg}, or the MSR's number
 * @param form what the engine reads and writes
 * @param offset where in that form the register lies, in bytes
 */
record RegisterBinding(int id, Form form, int offset) {

  /** Sizes of what {@code uc_reg_read} exchanges. */
  enum Form {
    /** The value itself. */
    PLAIN,
    /** {@code uc_x86_mmr}: selector, base, limit, flags. */
    TABLE,
    /** {@code uc_x86_msr}: number, value. */
    MSR,
    /** No identifier: only the context has it. */
    CONTEXT
  }

  private static final int MSR_REGISTER = 248;
  private static final int FIRST_DEBUG_REGISTER = 66;
  private static final int TABLE_SELECTOR = 0;
  private static final int TABLE_BASE = 8;
  private static final int TABLE_LIMIT = 16;
  private static final int MSR_VALUE = 8;

  static int msrRegister() {
    return MSR_REGISTER;
  }

  static RegisterBinding of(Register register) {
    return switch (register) {
      case RAX -> plain(35);
      case RBX -> plain(37);
      case RCX -> plain(38);
      case RDX -> plain(40);
      case RSI -> plain(43);
      case RDI -> plain(39);
      case RBP -> plain(36);
      case RSP -> plain(44);
      case R8, R9, R10, R11, R12, R13, R14, R15 -> plain(106 - 8 + number(register));
      case RIP -> plain(41);
      case RFLAGS -> plain(253);
      case CS -> plain(11);
      case SS -> plain(49);
      case DS -> plain(17);
      case ES -> plain(28);
      case FS -> plain(32);
      case GS -> plain(33);
      case FS_BASE -> plain(250);
      case GS_BASE -> plain(251);
      case KERNEL_GS_BASE -> msr(0xC000_0102);
      case CR0 -> plain(50);
      case CR2 -> plain(52);
      case CR3 -> plain(53);
      case CR4 -> plain(54);
      case CR8 -> new RegisterBinding(0, Form.CONTEXT, 0);
      case EFER -> msr(0xC000_0080);
      case DR0, DR1, DR2, DR3, DR6, DR7 -> plain(FIRST_DEBUG_REGISTER + number(register));
      case STAR -> msr(0xC000_0081);
      case LSTAR -> msr(0xC000_0082);
      case CSTAR -> msr(0xC000_0083);
      case SFMASK -> msr(0xC000_0084);
      case SYSENTER_CS -> msr(0x174);
      case SYSENTER_ESP -> msr(0x175);
      case SYSENTER_EIP -> msr(0x176);
      case TSC_AUX -> msr(0xC000_0103);
      case PAT -> msr(0x277);
      case GDTR_BASE -> table(243, TABLE_BASE);
      case GDTR_LIMIT -> table(243, TABLE_LIMIT);
      case IDTR_BASE -> table(242, TABLE_BASE);
      case IDTR_LIMIT -> table(242, TABLE_LIMIT);
      case LDTR -> table(244, TABLE_SELECTOR);
      case LDTR_BASE -> table(244, TABLE_BASE);
      case LDTR_LIMIT -> table(244, TABLE_LIMIT);
      case TR -> table(245, TABLE_SELECTOR);
      case TR_BASE -> table(245, TABLE_BASE);
      case TR_LIMIT -> table(245, TABLE_LIMIT);
      case ST0, ST1, ST2, ST3, ST4, ST5, ST6, ST7 -> plain(114 + number(register));
      case FCTRL -> plain(246);
      case FSTAT -> plain(31);
      case FTAG -> plain(247);
      case FISEG -> plain(255);
      case FIOFF -> plain(254);
      case FOSEG -> plain(257);
      case FOOFF -> plain(256);
      case FOP -> plain(258);
      case MXCSR -> plain(249);
      case XMM0,
          XMM1,
          XMM2,
          XMM3,
          XMM4,
          XMM5,
          XMM6,
          XMM7,
          XMM8,
          XMM9,
          XMM10,
          XMM11,
          XMM12,
          XMM13,
          XMM14,
          XMM15 ->
          plain(122 + number(register));
      case YMM0,
          YMM1,
          YMM2,
          YMM3,
          YMM4,
          YMM5,
          YMM6,
          YMM7,
          YMM8,
          YMM9,
          YMM10,
          YMM11,
          YMM12,
          YMM13,
          YMM14,
          YMM15 ->
          plain(154 + number(register));
    };
  }

  /** The number at the end of the name; Unicorn numbers such registers in a row. */
  private static int number(Register register) {
    return Integer.parseInt(register.name().replaceAll("[^0-9]", ""));
  }

  private static RegisterBinding plain(int id) {
    return new RegisterBinding(id, Form.PLAIN, 0);
  }

  private static RegisterBinding table(int id, int offset) {
    return new RegisterBinding(id, Form.TABLE, offset);
  }

  private static RegisterBinding msr(int number) {
    return new RegisterBinding(number, Form.MSR, MSR_VALUE);
  }
}
