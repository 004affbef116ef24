# The 32 exception entries. A page fault that the program announced resumes where it asked to; any
# other exception is reported and ends the program.

        .intel_syntax noprefix
        .include "function.inc"
        .include "protocol.inc"

        .equ PAGE_FAULT, 14

# The frame behind the nine saved registers.
        .equ FRAME_VECTOR, 9 * 8
        .equ FRAME_ERROR_CODE, 10 * 8
        .equ FRAME_RIP, 11 * 8

        .macro stub vector, has_error_code=0
exception_\vector:
        .if \has_error_code == 0
        push    0
        .endif
        push    \vector
        jmp     exception
        .pushsection .rodata
        .quad   exception_\vector
        .popsection
        .endm

        .section .rodata, "a", @progbits
        .balign 8
        .globl  exception_stubs
exception_stubs:

        .text
        stub 0
        stub 1
        stub 2
        stub 3
        stub 4
        stub 5
        stub 6
        stub 7
        stub 8, 1
        stub 9
        stub 10, 1
        stub 11, 1
        stub 12, 1
        stub 13, 1
        stub 14, 1
        stub 15
        stub 16
        stub 17, 1
        stub 18
        stub 19
        stub 20
        stub 21, 1
        stub 22
        stub 23
        stub 24
        stub 25
        stub 26
        stub 27
        stub 28
        stub 29, 1
        stub 30, 1
        stub 31

function exception
        push    rax
        push    rcx
        push    rdx
        push    rsi
        push    rdi
        push    r8
        push    r9
        push    r10
        push    r11
        cld
        mov     eax, [rsp + FRAME_VECTOR]
        mov     [rip + fault_vector], eax
        mov     rax, [rsp + FRAME_ERROR_CODE]
        mov     [rip + fault_error_code], rax
        mov     rax, [rsp + FRAME_RIP]
        mov     [rip + fault_rip], rax
        mov     rax, cr2
        mov     [rip + fault_address], rax

        cmp     dword ptr [rip + fault_vector], PAGE_FAULT
        jne     unexpected_exception
        xor     eax, eax
        xchg    rax, [rip + expected_fault_recovery]
        test    rax, rax
        je      unexpected_exception
        mov     [rsp + FRAME_RIP], rax

        pop     r11
        pop     r10
        pop     r9
        pop     r8
        pop     rdi
        pop     rsi
        pop     rdx
        pop     rcx
        pop     rax
        add     rsp, 16                                 # vector and error code
        iretq
end_function exception

# unexpected_exception: the fault_ variables tell which. Doesn't return.

function unexpected_exception
        mov     edi, EVENT_UNEXPECTED_EXCEPTION
        mov     esi, [rip + fault_vector]
        mov     rdx, [rip + fault_address]
        mov     rcx, [rip + fault_error_code]
        xor     r8d, r8d
        mov     r9, [rip + fault_rip]
        call    report
        lea     rdi, [rip + text_exception]
        mov     esi, [rip + fault_vector]
        call    print_hex
        lea     rdi, [rip + text_error_code]
        mov     rsi, [rip + fault_error_code]
        call    print_hex
        lea     rdi, [rip + text_cr2]
        mov     rsi, [rip + fault_address]
        call    print_hex
        lea     rdi, [rip + text_rip]
        mov     rsi, [rip + fault_rip]
        call    print_hex
        call    print_newline
        mov     edi, STATUS_UNEXPECTED_EXCEPTION
        jmp     finish
end_function unexpected_exception

        .section .rodata
text_exception:         .asciz "selftest: FAIL exception "
text_error_code:        .asciz ", error code "
text_cr2:               .asciz ", CR2 "
text_rip:               .asciz ", RIP "

        .bss
        .balign 8
# Where an announced page fault resumes; zero when none is.
variable expected_fault_recovery, 8
        .skip   8
variable fault_address, 8
        .skip   8
variable fault_error_code, 8
        .skip   8
variable fault_rip, 8
        .skip   8
variable fault_vector, 4
        .skip   4
