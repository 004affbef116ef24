package dev.kmemu.testkit.assembler;

/**
 * ADD, OR, ADC, SBB, AND, SUB, XOR and CMP. Operands are of one size; an immediate has at most 32
 * bits and is sign-extended.
 */
abstract class AluInstructions extends AluEncoding {

  /** ADD with a register. */
  public Assembler add(GeneralRegister to, GeneralRegister from) {
    return alu(Alu.ADD, to, from);
  }

  /** ADD with memory. */
  public Assembler add(GeneralRegister to, Mem from) {
    return alu(Alu.ADD, to, from);
  }

  /** ADD of memory with a register. */
  public Assembler add(Mem to, GeneralRegister from) {
    return alu(Alu.ADD, to, from);
  }

  /** ADD with an immediate. */
  public Assembler add(GeneralRegister to, long value) {
    return alu(Alu.ADD, to, value);
  }

  /** ADD of memory with an immediate. */
  public Assembler add(Mem to, long value) {
    return alu(Alu.ADD, to, value);
  }

  /** OR with a register. */
  public Assembler or(GeneralRegister to, GeneralRegister from) {
    return alu(Alu.OR, to, from);
  }

  /** OR with memory. */
  public Assembler or(GeneralRegister to, Mem from) {
    return alu(Alu.OR, to, from);
  }

  /** OR of memory with a register. */
  public Assembler or(Mem to, GeneralRegister from) {
    return alu(Alu.OR, to, from);
  }

  /** OR with an immediate. */
  public Assembler or(GeneralRegister to, long value) {
    return alu(Alu.OR, to, value);
  }

  /** OR of memory with an immediate. */
  public Assembler or(Mem to, long value) {
    return alu(Alu.OR, to, value);
  }

  /** ADC with a register. */
  public Assembler adc(GeneralRegister to, GeneralRegister from) {
    return alu(Alu.ADC, to, from);
  }

  /** ADC with memory. */
  public Assembler adc(GeneralRegister to, Mem from) {
    return alu(Alu.ADC, to, from);
  }

  /** ADC of memory with a register. */
  public Assembler adc(Mem to, GeneralRegister from) {
    return alu(Alu.ADC, to, from);
  }

  /** ADC with an immediate. */
  public Assembler adc(GeneralRegister to, long value) {
    return alu(Alu.ADC, to, value);
  }

  /** ADC of memory with an immediate. */
  public Assembler adc(Mem to, long value) {
    return alu(Alu.ADC, to, value);
  }

  /** SBB with a register. */
  public Assembler sbb(GeneralRegister to, GeneralRegister from) {
    return alu(Alu.SBB, to, from);
  }

  /** SBB with memory. */
  public Assembler sbb(GeneralRegister to, Mem from) {
    return alu(Alu.SBB, to, from);
  }

  /** SBB of memory with a register. */
  public Assembler sbb(Mem to, GeneralRegister from) {
    return alu(Alu.SBB, to, from);
  }

  /** SBB with an immediate. */
  public Assembler sbb(GeneralRegister to, long value) {
    return alu(Alu.SBB, to, value);
  }

  /** SBB of memory with an immediate. */
  public Assembler sbb(Mem to, long value) {
    return alu(Alu.SBB, to, value);
  }

  /** AND with a register. */
  public Assembler and(GeneralRegister to, GeneralRegister from) {
    return alu(Alu.AND, to, from);
  }

  /** AND with memory. */
  public Assembler and(GeneralRegister to, Mem from) {
    return alu(Alu.AND, to, from);
  }

  /** AND of memory with a register. */
  public Assembler and(Mem to, GeneralRegister from) {
    return alu(Alu.AND, to, from);
  }

  /** AND with an immediate. */
  public Assembler and(GeneralRegister to, long value) {
    return alu(Alu.AND, to, value);
  }

  /** AND of memory with an immediate. */
  public Assembler and(Mem to, long value) {
    return alu(Alu.AND, to, value);
  }

  /** SUB with a register. */
  public Assembler sub(GeneralRegister to, GeneralRegister from) {
    return alu(Alu.SUB, to, from);
  }

  /** SUB with memory. */
  public Assembler sub(GeneralRegister to, Mem from) {
    return alu(Alu.SUB, to, from);
  }

  /** SUB of memory with a register. */
  public Assembler sub(Mem to, GeneralRegister from) {
    return alu(Alu.SUB, to, from);
  }

  /** SUB with an immediate. */
  public Assembler sub(GeneralRegister to, long value) {
    return alu(Alu.SUB, to, value);
  }

  /** SUB of memory with an immediate. */
  public Assembler sub(Mem to, long value) {
    return alu(Alu.SUB, to, value);
  }

  /** XOR with a register. */
  public Assembler xor(GeneralRegister to, GeneralRegister from) {
    return alu(Alu.XOR, to, from);
  }

  /** XOR with memory. */
  public Assembler xor(GeneralRegister to, Mem from) {
    return alu(Alu.XOR, to, from);
  }

  /** XOR of memory with a register. */
  public Assembler xor(Mem to, GeneralRegister from) {
    return alu(Alu.XOR, to, from);
  }

  /** XOR with an immediate. */
  public Assembler xor(GeneralRegister to, long value) {
    return alu(Alu.XOR, to, value);
  }

  /** XOR of memory with an immediate. */
  public Assembler xor(Mem to, long value) {
    return alu(Alu.XOR, to, value);
  }

  /** CMP with a register. */
  public Assembler cmp(GeneralRegister to, GeneralRegister from) {
    return alu(Alu.CMP, to, from);
  }

  /** CMP with memory. */
  public Assembler cmp(GeneralRegister to, Mem from) {
    return alu(Alu.CMP, to, from);
  }

  /** CMP of memory with a register. */
  public Assembler cmp(Mem to, GeneralRegister from) {
    return alu(Alu.CMP, to, from);
  }

  /** CMP with an immediate. */
  public Assembler cmp(GeneralRegister to, long value) {
    return alu(Alu.CMP, to, value);
  }

  /** CMP of memory with an immediate. */
  public Assembler cmp(Mem to, long value) {
    return alu(Alu.CMP, to, value);
  }
}
