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

        .bss
        .balign 8
# The first word of the first wired range: where it is (0 without one), and what it held last.
variable selftest_probe_kva, 8
        .skip   8
variable selftest_probe_word, 8
        .skip   8

        .balign 4096
        .skip   16384
        .globl  boot_stack_top
boot_stack_top:
