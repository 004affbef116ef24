# A bytecode interpreter's dispatch, RDI times: an indirect jump to one of 8 operations, which a
# linear congruential generator picks. RAX = the accumulator they work on.

        .intel_syntax noprefix
        .equ MULTIPLIER, 1664525
        .equ INCREMENT, 1013904223
        .equ SEED, 1

        .text
        lea     r8, table[rip]
        xor     eax, eax
        mov     ecx, SEED
dispatch:
        sub     rdi, 1
        jb      end
        imul    ecx, ecx, MULTIPLIER
        add     ecx, INCREMENT
        mov     edx, ecx
        shr     edx, 29
        movsxd  r9, dword ptr [r8 + rdx * 4]
        add     r9, r8
        jmp     r9

operation_0:
        add     rax, rcx
        jmp     dispatch
operation_1:
        xor     rax, rcx
        jmp     dispatch
operation_2:
        sub     rax, rcx
        jmp     dispatch
operation_3:
        rol     rax, 7
        jmp     dispatch
operation_4:
        lea     rax, [rax + rax * 2 + 1]
        jmp     dispatch
operation_5:
        not     rax
        jmp     dispatch
operation_6:
        bswap   rax
        jmp     dispatch
operation_7:
        inc     rax
        jmp     dispatch
end:
        ret

        .balign 4
table:
        .irp    number, 0, 1, 2, 3, 4, 5, 6, 7
        .long   operation_\number - table
        .endr
