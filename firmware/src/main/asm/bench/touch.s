# Writes one word to each of the RDI pages from RSI on: RAX = number of pages written.

        .intel_syntax noprefix
        .equ PAGE_BYTES, 4096

        .text
        xor     eax, eax
touch:
        mov     [rsi], rsi
        add     rsi, PAGE_BYTES
        inc     rax
        cmp     rax, rdi
        jb      touch
        ret
