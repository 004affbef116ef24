# Reports to the host: records in memory for the facts, the console for people.

        .intel_syntax noprefix
        .include "function.inc"
        .include "protocol.inc"

        .equ ALL_REPORTS_BYTES, REPORT_RECORDS * REPORT_BYTES

        .text

# report: EDI = event, ESI = detail, RDX = KVA, RCX = value, R8 = expected, R9 = RIP. Fills the next
# record of selftest_report, then tells the host its index.

function report
        mov     eax, [rip + reports_made]
        mov     r10d, eax
        and     r10d, REPORT_RECORDS - 1
        imul    r11d, r10d, REPORT_BYTES
        lea     rax, [rip + selftest_report]
        add     r11, rax
        mov     eax, [rip + reports_made]
        mov     [r11 + REPORT_OFFSET_EVENT], edi
        mov     [r11 + REPORT_OFFSET_DETAIL], esi
        mov     [r11 + REPORT_OFFSET_KVA], rdx
        mov     [r11 + REPORT_OFFSET_VALUE], rcx
        mov     [r11 + REPORT_OFFSET_EXPECTED], r8
        mov     [r11 + REPORT_OFFSET_RIP], r9
        mov     [r11 + REPORT_OFFSET_SEQUENCE], rax
        inc     dword ptr [rip + reports_made]
        mov     eax, r10d
        mov     dx, PORT_REPORT
        out     dx, eax
        ret
end_function report

# print: RDI = text that ends with a zero byte.

function print
        mov     dx, PORT_CONSOLE
.Lcharacter:
        mov     al, [rdi]
        test    al, al
        je      .Lprinted
        out     dx, al
        inc     rdi
        jmp     .Lcharacter
.Lprinted:
        ret
end_function print

# print_count: prints RDI, ESI in decimal, and the rest of a line about that many ranges.

function print_count
        push    rbp
        mov     rbp, rsp
        push    rbx
        sub     rsp, 24
        mov     ebx, esi
        call    print
        lea     rdi, [rbp - 9]
        mov     byte ptr [rdi], 0
        mov     eax, ebx
        mov     ecx, 10
.Ldecimal:
        xor     edx, edx
        div     ecx
        add     dl, '0'
        dec     rdi
        mov     [rdi], dl
        test    eax, eax
        jne     .Ldecimal
        call    print
        lea     rdi, [rip + text_ranges_ok]
        cmp     ebx, 1
        jne     .Lplural
        lea     rdi, [rip + text_range_ok]
.Lplural:
        call    print
        add     rsp, 24
        pop     rbx
        pop     rbp
        ret
end_function print_count

# print_hex: prints RDI, then RSI as 0x and sixteen digits.

function print_hex
        push    rbp
        mov     rbp, rsp
        push    rsi
        push    rsi
        call    print
        lea     rdi, [rip + text_0x]
        call    print
        pop     rsi
        mov     ecx, 16
        mov     dx, PORT_CONSOLE
.Ldigit:
        rol     rsi, 4
        mov     eax, esi
        and     eax, 15
        cmp     al, 10
        jb      .Lbelow_ten
        add     al, 'a' - '0' - 10
.Lbelow_ten:
        add     al, '0'
        out     dx, al
        dec     ecx
        jne     .Ldigit
        pop     rsi
        pop     rbp
        ret
end_function print_hex

function print_newline
        mov     al, '\n'
        mov     dx, PORT_CONSOLE
        out     dx, al
        ret
end_function print_newline

        .section .rodata, "a", @progbits
text_range_ok:          .asciz " range ok\n"
text_ranges_ok:         .asciz " ranges ok\n"
text_0x:                .asciz "0x"

        .bss
        .balign 64
variable selftest_report, ALL_REPORTS_BYTES
        .skip   ALL_REPORTS_BYTES
variable reports_made, 4
        .skip   4
