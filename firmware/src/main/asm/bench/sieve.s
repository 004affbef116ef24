# The sieve of Eratosthenes over bytes, RDI times: RAX = number of primes below 2^20.
# RSI = 1 MiB that is overwritten. Byte stores with growing strides, compares and short loops.

        .intel_syntax noprefix
        .equ LIMIT, 1 << 20
        .equ ALL_CANDIDATES, 0x0101010101010101

        .text
again:
        movabs  rax, ALL_CANDIDATES
        mov     r8, rsi
        lea     r9, [rsi + LIMIT]
fill:
        mov     [r8], rax
        add     r8, 8
        cmp     r8, r9
        jb      fill

        mov     ecx, 2
next_candidate:
        cmp     byte ptr [rsi + rcx], 0
        je      composite
        mov     rdx, rcx
        imul    rdx, rdx
strike_out:
        cmp     rdx, LIMIT
        jae     composite
        mov     byte ptr [rsi + rdx], 0
        add     rdx, rcx
        jmp     strike_out
composite:
        inc     ecx
        cmp     ecx, LIMIT
        jb      next_candidate

        xor     eax, eax
        mov     ecx, 2
count:
        movzx   edx, byte ptr [rsi + rcx]
        add     eax, edx
        inc     ecx
        cmp     ecx, LIMIT
        jb      count

        dec     rdi
        jnz     again
        ret
