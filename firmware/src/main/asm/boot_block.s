# What the host promised: the boot block and its ranges.

        .intel_syntax noprefix
        .include "function.inc"
        .include "protocol.inc"

        .text

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

        .section .rodata, "a", @progbits
text_bad_boot_block:    .asciz "selftest: FAIL the boot block makes no sense\n"

        .bss
        .balign 8
variable boot_block, 8
        .skip   8
