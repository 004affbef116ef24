# Writes AL to port 0x10, RDI times: RAX = 0.

        .intel_syntax noprefix
        .equ PORT, 0x10

        .text
        xor     eax, eax
write:
        out     PORT, al
        dec     rdi
        jnz     write
        ret
