# Fibonacci's numbers by naive recursion: RAX = fib(RDI). Calls, returns and stack traffic.

        .intel_syntax noprefix

        .text
fib:
        mov     rax, rdi
        cmp     rdi, 2
        jb      smallest
        push    rbx
        push    rdi
        dec     rdi
        call    fib
        pop     rdi
        mov     rbx, rax
        sub     rdi, 2
        call    fib
        add     rax, rbx
        pop     rbx
smallest:
        ret
