# Copies 16 MiB from RSI to RDX by unrolled moves, RDI times: RAX = the sum of the words copied
# last in each block of 64 bytes. Loads and stores that walk through 4096 pages each.

        .intel_syntax noprefix
        .equ BYTES, 16 << 20
        .equ BLOCK, 64

        .text
again:
        xor     eax, eax
        xor     ecx, ecx
copy:
        .irp    offset, 0, 16, 32, 48
        mov     r8, [rsi + rcx + \offset]
        mov     r9, [rsi + rcx + \offset + 8]
        mov     [rdx + rcx + \offset], r8
        mov     [rdx + rcx + \offset + 8], r9
        .endr
        add     rax, r9
        add     rcx, BLOCK
        cmp     rcx, BYTES
        jb      copy
        dec     rdi
        jnz     again
        ret
