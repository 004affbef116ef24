package dev.kmemu.emulator.cpu;

/**
 * The registers of one CPU. Only the thread that owns the CPU may call these methods, either
 * between runs or inside a trap or port handler.
 */
public interface RegisterFile {

  /** Whether this CPU has {@code register}. */
  boolean has(Register register);

  /**
   * Reads a register of up to 64 bits, zero-extended.
   *
   * @throws IllegalArgumentException for a wide register or one that this CPU lacks
   */
  long read(Register register);

  /**
   * Writes a register of up to 64 bits; bits beyond its width are ignored.
   *
   * @throws IllegalArgumentException for a wide register or one that this CPU lacks
   */
  void write(Register register, long value);

  /** Reads any register into {@code target}, little-endian, {@link Register#bytes()} long. */
  void read(Register register, byte[] target, int offset);

  /** Writes any register from {@code source}, little-endian, {@link Register#bytes()} long. */
  void write(Register register, byte[] source, int offset);

  /**
   * Reads many registers of up to 64 bits in one crossing into the engine.
   *
   * @param values receives one value for each register, in order
   */
  void read(Register[] registers, long[] values);
}
