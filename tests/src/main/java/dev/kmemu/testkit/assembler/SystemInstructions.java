package dev.kmemu.testkit.assembler;

/** Instructions of operating systems: interrupts, tables, MSRs, ports; and REP MOVS and STOS. */
abstract class SystemInstructions extends BranchInstructions {

  private static final int REP = 0xF3;
  private static final int BREAKPOINT = 3;

  /** HLT. */
  public Assembler hlt() {
    return plain("hlt", 0xF4);
  }

  /** NOP. */
  public Assembler nop() {
    return plain("nop", 0x90);
  }

  /** PAUSE. */
  public Assembler pause() {
    return plain("pause", REP, 0x90);
  }

  /** UD2: raises #UD. */
  public Assembler ud2() {
    return plain("ud2", 0x0F, 0x0B);
  }

  /** CLI. */
  public Assembler cli() {
    return plain("cli", 0xFA);
  }

  /** STI. */
  public Assembler sti() {
    return plain("sti", 0xFB);
  }

  /** CLD. */
  public Assembler cld() {
    return plain("cld", 0xFC);
  }

  /** STD. */
  public Assembler std() {
    return plain("std", 0xFD);
  }

  /** CLAC: clears RFLAGS.AC, which SMAP heeds. */
  public Assembler clac() {
    return plain("clac", 0x0F, 0x01, 0xCA);
  }

  /** STAC: sets RFLAGS.AC. */
  public Assembler stac() {
    return plain("stac", 0x0F, 0x01, 0xCB);
  }

  /** PUSHFQ. */
  public Assembler pushfq() {
    return plain("pushfq", 0x9C);
  }

  /** POPFQ. */
  public Assembler popfq() {
    return plain("popfq", 0x9D);
  }

  /** INT3: raises #BP. */
  public Assembler int3() {
    return plain("int3", 0xCC);
  }

  /**
   * INT n. Vector 3 is the two-byte form, which differs from {@link #int3} in virtual-8086 mode.
   *
   * @param vector 0 to 255
   */
  public Assembler interrupt(int vector) {
    String text = "int " + vector;
    requireRange(text, "the vector", vector, 0, 0xFF);
    if (vector == BREAKPOINT) {
      return addWithoutLock(Fragment.of(".byte 0xcd, 3", new byte[] {(byte) 0xCD, BREAKPOINT}));
    }
    return emit(new Instruction(text, 0xCD).immediate(vector, 1), text);
  }

  /** IRETQ. */
  public Assembler iretq() {
    return plain("iretq", 0x48, 0xCF);
  }

  /** SYSCALL. */
  public Assembler syscall() {
    return plain("syscall", 0x0F, 0x05);
  }

  /** SYSRETQ: to 64-bit code. */
  public Assembler sysretq() {
    return plain("sysretq", 0x48, 0x0F, 0x07);
  }

  /** SWAPGS. */
  public Assembler swapgs() {
    return plain("swapgs", 0x0F, 0x01, 0xF8);
  }

  /** RDMSR: MSR ECX to EDX:EAX. */
  public Assembler rdmsr() {
    return plain("rdmsr", 0x0F, 0x32);
  }

  /** WRMSR: EDX:EAX to MSR ECX. */
  public Assembler wrmsr() {
    return plain("wrmsr", 0x0F, 0x30);
  }

  /** CPUID. */
  public Assembler cpuid() {
    return plain("cpuid", 0x0F, 0xA2);
  }

  /** RDTSC. */
  public Assembler rdtsc() {
    return plain("rdtsc", 0x0F, 0x31);
  }

  /** INVLPG. */
  public Assembler invlpg(Mem page) {
    return memory("invlpg", 7, page.as(Size.BYTE), 0x0F, 0x01);
  }

  /** LGDT: a limit of 16 bits and a base of 64. */
  public Assembler lgdt(Mem pseudoDescriptor) {
    return memory("lgdt", 2, pseudoDescriptor, 0x0F, 0x01);
  }

  /** LIDT: a limit of 16 bits and a base of 64. */
  public Assembler lidt(Mem pseudoDescriptor) {
    return memory("lidt", 3, pseudoDescriptor, 0x0F, 0x01);
  }

  /** LTR. */
  public Assembler ltr(R16 selector) {
    String text = "ltr " + selector;
    return emit(new Instruction(text, 0x0F, 0x00).field(3).rm(selector), text);
  }

  /** IN from a port of 0 to 255 to AL, or EAX. */
  public Assembler in(GeneralRegister to, int port) {
    String text = "in " + to + ", " + port;
    requireRange(text, "the port", port, 0, 0xFF);
    Size size = requireAccumulator(text, to);
    return emit(new Instruction(text, opcode(0xE4, size)).size(size).immediate(port, 1), text);
  }

  /** IN from the port in DX. */
  public Assembler inDx(GeneralRegister to) {
    String text = "in " + to + ", dx";
    Size size = requireAccumulator(text, to);
    return emit(new Instruction(text, opcode(0xEC, size)).size(size), text);
  }

  /** OUT of AL, AX or EAX to a port of 0 to 255. */
  public Assembler out(int port, GeneralRegister from) {
    String text = "out " + port + ", " + from;
    requireRange(text, "the port", port, 0, 0xFF);
    Size size = requireAccumulator(text, from);
    return emit(new Instruction(text, opcode(0xE6, size)).size(size).immediate(port, 1), text);
  }

  /** OUT to the port in DX. */
  public Assembler outDx(GeneralRegister from) {
    String text = "out dx, " + from;
    Size size = requireAccumulator(text, from);
    return emit(new Instruction(text, opcode(0xEE, size)).size(size), text);
  }

  private static Size requireAccumulator(String text, GeneralRegister register) {
    if (register.encoding() != 0 || register.size() == Size.QWORD) {
      throw new AssemblerException(text, "IN and OUT take AL, AX or EAX, not " + register);
    }
    return register.size();
  }

  /** REP MOVSB. */
  public Assembler repMovsb() {
    return plain("rep movsb", REP, 0xA4);
  }

  /** REP MOVSQ. */
  public Assembler repMovsq() {
    return plain("rep movsq", REP, 0x48, 0xA5);
  }

  /** REP STOSB. */
  public Assembler repStosb() {
    return plain("rep stosb", REP, 0xAA);
  }

  /** REP STOSQ. */
  public Assembler repStosq() {
    return plain("rep stosq", REP, 0x48, 0xAB);
  }

  private Assembler memory(String name, int number, Mem operand, int... opcode) {
    String text = name + " " + operand;
    return emit(new Instruction(text, opcode).field(number).rm(operand), text);
  }

  private Assembler plain(String text, int... code) {
    return emit(new Instruction(text, code), text);
  }
}
