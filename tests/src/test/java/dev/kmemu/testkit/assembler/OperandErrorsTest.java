package dev.kmemu.testkit.assembler;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.Test;

/** An instruction that has no encoding names itself, the operand and the limit. */
class OperandErrorsTest {

  private final Assembler code = new Assembler();

  private static void refused(ThrowingCallable call, String message) {
    assertThatExceptionOfType(AssemblerException.class).isThrownBy(call).withMessage(message);
  }

  @Test
  void operandsOfDifferentSizesAreRefused() {
    refused(() -> code.mov(R64.RAX, R32.EBX), "mov rax, ebx: operands of 64 and 32 bits");
    refused(
        () -> code.add(R8.AL, Mem.wordPtr(R64.RDI)),
        "add al, word ptr [rdi]: operands of 8 and 16 bits");
  }

  @Test
  void memoryWithoutASizeIsRefusedWhereNothingElseTellsIt() {
    refused(
        () -> code.mov(Mem.ptr(R64.RDI), 1),
        "mov [rdi], 1: the memory operand needs a size: bytePtr, wordPtr, dwordPtr or qwordPtr");
  }

  @Test
  void immediatesThatDontFitAreRefused() {
    refused(
        () -> code.add(R64.RAX, 0x8000_0000L),
        "add rax, 2147483648: the 64-bit operand's immediate must be -2147483648 to 2147483647,"
            + " got 2147483648");
    refused(
        () -> code.mov(R8.BL, 256),
        "mov bl, 256: the 8-bit operand's immediate must be -128 to 255, got 256");
    refused(() -> code.interrupt(256), "int 256: the vector must be 0 to 255, got 256");
    refused(() -> code.shl(R32.EAX, 32), "shl eax, 32: the count must be 0 to 31, got 32");
    refused(() -> code.bt(R16.AX, 16), "bt ax, 16: the bit must be 0 to 15, got 16");
    refused(() -> code.out(0x3F8, R8.AL), "out 1016, al: the port must be 0 to 255, got 1016");
  }

  @Test
  void registersThatTheFormLacksAreRefused() {
    refused(
        () -> code.mov(R8.AH, R8.R9B),
        "mov ah, r9b: AH, CH, DH and BH can't be used beside SPL to DIL, R8 to R15 or 64-bit"
            + " operands");
    refused(() -> Mem.ptr(R64.RAX).plus(R64.RSP, 2), "[rax] plus rsp*2: RSP can't be an index");
    refused(
        () -> Mem.ptr(R64.RAX).plus(R64.RBX, 3),
        "[rax] plus rbx*3: the scale must be 1, 2, 4 or 8, got 3");
    refused(() -> code.in(R8.BL, 1), "in bl, 1: IN and OUT take AL, AX or EAX, not bl");
    refused(
        () -> code.movToSegment(1, R32.EAX),
        "mov segment 1, eax: CS is loaded by far returns and IRETQ alone");
    refused(
        () -> code.push(Mem.dwordPtr(R64.RAX)),
        "push dword ptr [rax]: the operand must be a qword: qwordPtr");
    refused(
        () -> code.imul(R8.AL, R8.BL),
        "imul al, bl: there is no form for bytes: use 16, 32 or 64 bits");
    refused(
        () -> code.movzx(R32.EAX, R32.EBX),
        "movzx eax, ebx: the source must be a byte or a word, and smaller than the destination:"
            + " it has 32 bits of 32");
  }

  @Test
  void lockIsRefusedWhereTheProcessorWouldRaiseUd() {
    refused(
        () -> new Assembler().lock().nop(),
        "lock nop: LOCK goes before ADD to CMP, INC to NOT, BTS to BTC, XADD, CMPXCHG, XCHG");
    refused(
        () -> new Assembler().lock().add(R64.RAX, 1),
        "lock add rax, 1: LOCK needs a destination in memory");
    refused(
        () -> new Assembler().lock().cmp(Mem.qwordPtr(R64.RAX), 1),
        "lock cmp qword ptr [rax], 1: LOCK needs a destination in memory");
  }

  @Test
  void aProgramListsItsSource() {
    assertThat(code.mov(Mem.qwordPtr(R64.RDI).plus(R64.RCX, 8).plus(-16), 7).hlt().assemble())
        .hasToString("mov qword ptr [rdi+rcx*8-0x10], 7\nhlt\n");
  }
}
