# The check of wired and pageable memory.

        .intel_syntax noprefix
        .include "function.inc"
        .include "protocol.inc"

        .text

# check_memory: RDI = start, RSI = length. All of it must read zero, and then give back a pattern
# that differs in every word, so that two pages that share a frame can't both pass.

function check_memory
        mov     r10, rdi
        mov     r11, rsi
.Lzero:
        mov     rax, [rdi]
        test    rax, rax
        jne     not_zero
        add     rdi, 8
        sub     rsi, 8
        jne     .Lzero

        mov     rdi, r10
        mov     rsi, r11
        movabs  r8, PATTERN_KEY
.Lwrite:
        mov     rax, rdi
        xor     rax, r8
        mov     [rdi], rax
        add     rdi, 8
        sub     rsi, 8
        jne     .Lwrite

        mov     rdi, r10
        mov     rsi, r11
.Lread:
        mov     rdx, rdi
        xor     rdx, r8
        mov     rax, [rdi]
        cmp     rax, rdx
        jne     pattern_lost
        add     rdi, 8
        sub     rsi, 8
        jne     .Lread
        ret
end_function check_memory

# not_zero: RDI = KVA, RAX = what it held.

function not_zero
        mov     ebx, STATUS_NOT_ZERO
        xor     edx, edx
        jmp     mismatch
end_function not_zero

# pattern_lost: RDI = KVA, RAX = what it held, RDX = what was written.

function pattern_lost
        mov     ebx, STATUS_PATTERN_LOST
end_function pattern_lost

# mismatch: as pattern_lost, with EBX = the status.

function mismatch
        mov     r12, rdi
        mov     r13, rax
        mov     r14, rdx
        mov     edi, EVENT_MISMATCH
        xor     esi, esi
        mov     rdx, r12
        mov     rcx, r13
        mov     r8, r14
        xor     r9d, r9d
        call    report
        lea     rdi, [rip + text_mismatch]
        mov     rsi, r12
        call    print_hex
        lea     rdi, [rip + text_holds]
        mov     rsi, r13
        call    print_hex
        lea     rdi, [rip + text_expected]
        mov     rsi, r14
        call    print_hex
        call    print_newline
        mov     edi, ebx
        jmp     finish
end_function mismatch

        .section .rodata, "a", @progbits
text_mismatch:          .asciz "selftest: FAIL "
text_holds:             .asciz " holds "
text_expected:          .asciz ", expected "
