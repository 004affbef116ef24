# The check of addresses that nobody answers for.

        .intel_syntax noprefix
        .include "function.inc"
        .include "protocol.inc"

        .text

# check_unmapped: RDI = start. Reading it must fault, with the address in CR2 and an error code that
# says not present.

function check_unmapped
        push    rbp
        mov     rbp, rsp
        push    rbx
        push    r12
        mov     rbx, rdi
        lea     rax, [rip + .Lrecovered]
        mov     [rip + expected_fault_recovery], rax
        .globl  selftest_touch
selftest_touch:
        mov     rax, [rbx]
        jmp     missing_fault
.Lrecovered:
        mov     edi, EVENT_EXPECTED_FAULT
        mov     esi, [rip + fault_vector]
        mov     rdx, [rip + fault_address]
        mov     rcx, [rip + fault_error_code]
        mov     r8, rbx
        mov     r9, [rip + fault_rip]
        call    report
        cmp     [rip + fault_address], rbx
        jne     wrong_fault
        test    byte ptr [rip + fault_error_code], 1
        jne     wrong_fault
        lea     rax, [rip + selftest_touch]
        cmp     [rip + fault_rip], rax
        jne     wrong_fault
        pop     r12
        pop     rbx
        pop     rbp
        ret
end_function check_unmapped

# missing_fault: RBX = the address that should have faulted, RAX = what was read there.

function missing_fault
        mov     edi, EVENT_MISSING_FAULT
        xor     esi, esi
        mov     rdx, rbx
        mov     rcx, rax
        xor     r8d, r8d
        lea     r9, [rip + selftest_touch]
        call    report
        lea     rdi, [rip + text_missing_fault]
        mov     rsi, rbx
        call    print_hex
        call    print_newline
        mov     edi, STATUS_MISSING_FAULT
        jmp     finish
end_function missing_fault

# wrong_fault: RBX = the address that was touched.

function wrong_fault
        lea     rdi, [rip + text_wrong_fault]
        mov     rsi, rbx
        call    print_hex
        lea     rdi, [rip + text_cr2]
        mov     rsi, [rip + fault_address]
        call    print_hex
        lea     rdi, [rip + text_error_code]
        mov     rsi, [rip + fault_error_code]
        call    print_hex
        call    print_newline
        mov     edi, STATUS_WRONG_FAULT
        jmp     finish
end_function wrong_fault

        .section .rodata, "a", @progbits
text_missing_fault:     .asciz "selftest: FAIL no page fault at "
text_wrong_fault:       .asciz "selftest: FAIL touched "
text_cr2:               .asciz ", CR2 "
text_error_code:        .asciz ", error code "
