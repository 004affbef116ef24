# The fault benchmark's guest: RDI = KVA of a boot block whose first range is pageable, RSI = rounds.
# Each round writes one word to every page, then asks the host to unmap them. RSP isn't used.

        .intel_syntax noprefix
        .include "function.inc"
        .include "protocol.inc"

        .equ PAGE_BYTES, 4096

        .text

function faultloop_start
        cli
        movabs  rax, BOOT_MAGIC
        cmp     [rdi + BOOT_OFFSET_MAGIC], rax
        jne     .Lbad_boot_block
        cmp     dword ptr [rdi + BOOT_OFFSET_VERSION], BOOT_VERSION
        jne     .Lbad_boot_block
        cmp     dword ptr [rdi + BOOT_OFFSET_COUNT], 1
        jb      .Lbad_boot_block
        cmp     dword ptr [rdi + BOOT_HEADER_BYTES + RANGE_OFFSET_KIND], RANGE_PAGEABLE
        jne     .Lbad_boot_block
        mov     r8, [rdi + BOOT_HEADER_BYTES + RANGE_OFFSET_START]
        mov     r9, [rdi + BOOT_HEADER_BYTES + RANGE_OFFSET_LENGTH]
        test    r9, r9
        je      .Lbad_boot_block
        test    r9d, PAGE_BYTES - 1
        jne     .Lbad_boot_block
        add     r9, r8
        xor     ebx, ebx
        jmp     .Lround_left
.Lround:
        mov     rdi, r8
        .globl  faultloop_touch
faultloop_touch:
        mov     [rdi], rdi
        add     rdi, PAGE_BYTES
        cmp     rdi, r9
        jne     faultloop_touch
        mov     eax, ebx
        mov     dx, PORT_ROUND
        out     dx, eax
        inc     rbx
.Lround_left:
        cmp     rbx, rsi
        jb      .Lround
        mov     eax, STATUS_PASSED
.Lexit:
        mov     dx, PORT_EXIT
        out     dx, eax
        .globl  faultloop_halt
        .type   faultloop_halt, @function
faultloop_halt:
        cli
        hlt
        jmp     faultloop_halt
.Lbad_boot_block:
        mov     eax, STATUS_BAD_BOOT_BLOCK
        jmp     .Lexit
end_function faultloop_start
