package dev.kmemu.emulator.trap;

/** The flags of RFLAGS that delivery and system calls look at (Intel SDM vol. 1, 3.4.3). */
final class Flags {

  static final long TF = 1L << 8;
  static final long IF = 1L << 9;
  static final long NT = 1L << 14;
  static final long RF = 1L << 16;
  static final long VM = 1L << 17;
  static final long AC = 1L << 18;

  private Flags() {}
}
