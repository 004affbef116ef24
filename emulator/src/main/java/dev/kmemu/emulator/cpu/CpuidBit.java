package dev.kmemu.emulator.cpu;

/**
 * Where CPUID tells of a feature (Intel SDM vol. 2A, CPUID).
 *
 * @param leaf EAX
 * @param subleaf ECX, 0 where the leaf has none
 * @param register the register that the bit is in: 0 EAX, 1 ECX, 2 EDX, 3 EBX
 * @param bit 0 to 31
 */
public record CpuidBit(int leaf, int subleaf, int register, int bit) {

  /** Returns the bit's value in its register. */
  public int mask() {
    return 1 << bit;
  }
}
