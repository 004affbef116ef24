package dev.kmemu.emulator.cpu;

/**
 * The guest-physical addresses that aren't RAM, called on the CPU's thread while an instruction
 * that uses one executes. An access of 8 bytes arrives as two of 4, the low one first.
 */
public interface MmioBus {

  /**
   * Answers a load.
   *
   * @param size 1, 2 or 4 bytes
   * @return the value in its low bytes
   */
  long read(long address, int size);

  /**
   * Takes a store.
   *
   * @param size 1, 2 or 4 bytes
   * @param value the value in its low bytes
   * @return whether the CPU runs on; if not, the run ends with {@link CpuExit.HandlerEnded} no
   *     later than at the end of the basic block
   */
  boolean write(long address, int size, long value);
}
