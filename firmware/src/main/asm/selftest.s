# The self-test guest: checks from inside the CPU what the host's kernel VM claims about its memory.
#
# Entry: long mode, CPL 0, paging on, IF = 0, RSP undefined, RDI = KVA of the boot block. The phases
# run in order and the first failure ends the program with its status on PORT_EXIT.

        .intel_syntax noprefix
        .include "function.inc"
        .include "protocol.inc"

        .text

function selftest_start
        cli
        cld
        lea     rsp, [rip + boot_stack_top]
        xor     ebp, ebp
        mov     [rip + boot_block], rdi
        call    load_descriptor_tables
        call    enable_cpu_features

        call    check_boot_block
        mov     edi, EVENT_STARTED
        xor     esi, esi
        mov     rdx, [rip + boot_block]
        mov     ecx, [rdx + BOOT_OFFSET_COUNT]
        xor     r8d, r8d
        xor     r9d, r9d
        call    report

        call    find_probe

# Phase 1: wired memory is mapped, zero and holds what is written to it.

        mov     edi, RANGE_WIRED
        lea     rsi, [rip + check_memory]
        call    for_each_range
        lea     rdi, [rip + text_wired]
        mov     esi, eax
        call    print_count

# Every wired range now holds its pattern. Here a debugger compares memory with its own view, and
# may change the word at selftest_probe_kva: the next lines prove that the guest sees the change.

        .globl  selftest_wired_done
        .type   selftest_wired_done, @function
selftest_wired_done:
        nop
        call    report_probe

# Phase 2: the first touch of each pageable page faults, and the host makes it good.

        mov     edi, RANGE_PAGEABLE
        lea     rsi, [rip + check_memory]
        call    for_each_range
        lea     rdi, [rip + text_pageable]
        mov     esi, eax
        call    print_count

        .globl  selftest_pageable_done
        .type   selftest_pageable_done, @function
selftest_pageable_done:
        nop

# Phase 3: an address that nobody answers for faults through this program's own IDT.

        mov     edi, RANGE_UNMAPPED
        lea     rsi, [rip + check_unmapped]
        call    for_each_range
        lea     rdi, [rip + text_unmapped]
        mov     esi, eax
        call    print_count

        lea     rdi, [rip + text_pass]
        call    print
        mov     edi, STATUS_PASSED
        jmp     finish
end_function selftest_start

# check_boot_block: ends the program unless the host's boot block can be understood whole.

function check_boot_block
        mov     rdi, [rip + boot_block]
        movabs  rax, BOOT_MAGIC
        cmp     [rdi + BOOT_OFFSET_MAGIC], rax
        jne     bad_boot_block
        cmp     dword ptr [rdi + BOOT_OFFSET_VERSION], BOOT_VERSION
        jne     bad_boot_block
        mov     ecx, [rdi + BOOT_OFFSET_COUNT]
        add     rdi, BOOT_HEADER_BYTES
        test    ecx, ecx
        je      .Lranges_checked
.Lcheck_range:
        mov     rax, [rdi + RANGE_OFFSET_LENGTH]
        test    rax, rax
        je      bad_boot_block
        or      rax, [rdi + RANGE_OFFSET_START]
        test    al, 7
        jne     bad_boot_block
        mov     eax, [rdi + RANGE_OFFSET_KIND]
        dec     eax
        cmp     eax, RANGE_NOFAULT
        jae     bad_boot_block
        add     rdi, RANGE_BYTES
        dec     ecx
        jne     .Lcheck_range
.Lranges_checked:
        ret
end_function check_boot_block

# bad_boot_block: RDI = the address of the header or record that made no sense.

function bad_boot_block
        mov     rdx, rdi
        mov     edi, EVENT_BAD_BOOT_BLOCK
        xor     esi, esi
        mov     rcx, [rdx]
        movabs  r8, BOOT_MAGIC
        xor     r9d, r9d
        call    report
        lea     rdi, [rip + text_bad_boot_block]
        call    print
        mov     edi, STATUS_BAD_BOOT_BLOCK
        jmp     finish
end_function bad_boot_block

# for_each_range: calls RSI with RDI = start, RSI = length for each range of kind EDI and reports
# each one that passed. Returns their number in EAX.

function for_each_range
        push    rbp
        mov     rbp, rsp
        push    rbx
        push    r12
        push    r13
        push    r14
        push    r15
        push    rax
        mov     r13, rsi
        mov     r14d, edi
        xor     r15d, r15d
        mov     rbx, [rip + boot_block]
        mov     r12d, [rbx + BOOT_OFFSET_COUNT]
        add     rbx, BOOT_HEADER_BYTES
        jmp     .Lrange_left
.Lrange:
        cmp     [rbx + RANGE_OFFSET_KIND], r14d
        jne     .Lnext_range
        mov     rdi, [rbx + RANGE_OFFSET_START]
        mov     rsi, [rbx + RANGE_OFFSET_LENGTH]
        call    r13
        inc     r15d
        mov     edi, EVENT_RANGE_PASSED
        mov     esi, r14d
        mov     rdx, [rbx + RANGE_OFFSET_START]
        mov     rcx, [rbx + RANGE_OFFSET_LENGTH]
        xor     r8d, r8d
        xor     r9d, r9d
        call    report
.Lnext_range:
        add     rbx, RANGE_BYTES
        dec     r12d
.Lrange_left:
        test    r12d, r12d
        jne     .Lrange
        mov     eax, r15d
        pop     rdx
        pop     r15
        pop     r14
        pop     r13
        pop     r12
        pop     rbx
        pop     rbp
        ret
end_function for_each_range

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

# find_probe: sets selftest_probe_kva to the start of the first wired range, if there is one.

function find_probe
        mov     rdi, [rip + boot_block]
        mov     ecx, [rdi + BOOT_OFFSET_COUNT]
        add     rdi, BOOT_HEADER_BYTES
.Lprobe_range:
        test    ecx, ecx
        je      .Lno_wired_range
        cmp     dword ptr [rdi + RANGE_OFFSET_KIND], RANGE_WIRED
        je      .Lwired_range
        add     rdi, RANGE_BYTES
        dec     ecx
        jmp     .Lprobe_range
.Lwired_range:
        mov     rax, [rdi + RANGE_OFFSET_START]
        mov     [rip + selftest_probe_kva], rax
.Lno_wired_range:
        ret
end_function find_probe

# report_probe: reads the word at selftest_probe_kva again and tells the host what it holds now.

function report_probe
        push    rbp
        mov     rbp, rsp
        mov     rdx, [rip + selftest_probe_kva]
        test    rdx, rdx
        je      .Lno_probe
        mov     rcx, [rdx]
        mov     [rip + selftest_probe_word], rcx
        mov     edi, EVENT_PROBE
        xor     esi, esi
        movabs  r8, PATTERN_KEY
        xor     r8, rdx
        xor     r9d, r9d
        call    report
.Lno_probe:
        pop     rbp
        ret
end_function report_probe

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

# finish: EDI = status. Doesn't return.

function finish
        mov     ebx, edi
        mov     ecx, edi
        mov     edi, EVENT_FINISHED
        xor     esi, esi
        xor     edx, edx
        xor     r8d, r8d
        xor     r9d, r9d
        call    report
        mov     eax, ebx
        mov     dx, PORT_EXIT
        out     dx, eax
        .globl  selftest_halt
        .type   selftest_halt, @function
selftest_halt:
        cli
        hlt
        jmp     selftest_halt
end_function finish

        .section .rodata, "a", @progbits
text_wired:             .asciz "selftest: wired "
text_pageable:          .asciz "selftest: pageable "
text_unmapped:          .asciz "selftest: unmapped "
text_pass:              .asciz "selftest: pass\n"
text_bad_boot_block:    .asciz "selftest: FAIL the boot block makes no sense\n"
text_mismatch:          .asciz "selftest: FAIL "
text_holds:             .asciz " holds "
text_expected:          .asciz ", expected "
text_missing_fault:     .asciz "selftest: FAIL no page fault at "
text_wrong_fault:       .asciz "selftest: FAIL touched "
text_cr2:               .asciz ", CR2 "
text_error_code:        .asciz ", error code "

        .bss
        .balign 8
variable boot_block, 8
        .skip   8
# The first word of the first wired range: where it is (0 without one), and what it held last.
variable selftest_probe_kva, 8
        .skip   8
variable selftest_probe_word, 8
        .skip   8

        .balign 4096
        .skip   16384
        .globl  boot_stack_top
boot_stack_top:
