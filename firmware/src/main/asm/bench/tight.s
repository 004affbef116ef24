# An endless loop of four instructions, to be stepped through: RAX counts its rounds.

        .intel_syntax noprefix

        .text
round:
        inc     rax
        inc     rbx
        nop
        jmp     round
