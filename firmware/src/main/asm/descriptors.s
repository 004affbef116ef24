# GDT, TSS, IDT and the control register bits that a kernel turns on for itself.

        .intel_syntax noprefix
        .include "function.inc"

        .equ SELECTOR_KERNEL_CODE, 0x08
        .equ SELECTOR_KERNEL_DATA, 0x10
        .equ SELECTOR_USER_DATA, 0x18
        .equ SELECTOR_USER_CODE, 0x20
        .equ SELECTOR_TSS, 0x28

        .equ GDT_BYTES, 56

        .equ GATE_BYTES, 16
        .equ GATE_INTERRUPT, 0x8E00                     # present, DPL 0, 64-bit interrupt gate
        .equ EXCEPTIONS, 32
        .equ IDT_BYTES, EXCEPTIONS * GATE_BYTES
        .equ DOUBLE_FAULT, 8

        .equ TSS_RSP0, 4
        .equ TSS_IST1, 36
        .equ TSS_IO_MAP_BASE, 102
        .equ TSS_BYTES, 104

        .equ CR0_MP, 1 << 1
        .equ CR0_NE, 1 << 5
        .equ CR0_WP, 1 << 16
        .equ CR4_PGE, 1 << 7
        .equ CR4_OSFXSR, 1 << 9
        .equ CR4_OSXMMEXCPT, 1 << 10
        .equ CPUID_PGE, 13                              # leaf 1, EDX
        .equ CPUID_SYSCALL, 11                          # leaf 0x80000001, EDX
        .equ CPUID_NX, 20
        .equ MSR_EFER, 0xC0000080
        .equ EFER_SCE, 1 << 0
        .equ EFER_NXE, 1 << 11

        .text

# load_descriptor_tables: afterwards every exception has a gate and each segment register and TR
# holds one of this program's own descriptors.

function load_descriptor_tables
        push    rbp
        mov     rbp, rsp

# The address of the TSS is scattered over its descriptor, which no relocation can express.

        lea     rax, [rip + tss]
        lea     rdi, [rip + gdt + SELECTOR_TSS]
        mov     [rdi + 2], ax
        shr     rax, 16
        mov     [rdi + 4], al
        mov     [rdi + 7], ah
        shr     rax, 16
        mov     [rdi + 8], eax

        lea     rax, [rip + exception_stack_top]
        mov     [rip + tss + TSS_RSP0], rax
        lea     rax, [rip + double_fault_stack_top]
        mov     [rip + tss + TSS_IST1], rax

        lgdt    [rip + gdt_pointer]
        lea     rax, [rip + .Lown_code_segment]
        push    SELECTOR_KERNEL_CODE
        push    rax
        retfq
.Lown_code_segment:
        mov     eax, SELECTOR_KERNEL_DATA
        mov     ds, eax
        mov     es, eax
        mov     ss, eax
        xor     eax, eax
        mov     fs, eax
        mov     gs, eax
        lldt    ax
        mov     ax, SELECTOR_TSS
        ltr     ax

        lea     rsi, [rip + exception_stubs]
        lea     rdi, [rip + idt]
        xor     ecx, ecx
.Lgate:
        mov     rax, [rsi + rcx * 8]
        mov     [rdi], ax
        mov     word ptr [rdi + 2], SELECTOR_KERNEL_CODE
        mov     word ptr [rdi + 4], GATE_INTERRUPT
        shr     rax, 16
        mov     [rdi + 6], ax
        shr     rax, 16
        mov     [rdi + 8], eax
        add     rdi, GATE_BYTES
        inc     ecx
        cmp     ecx, EXCEPTIONS
        jb      .Lgate

# A double fault may mean that the current stack is the problem: it gets its own.

        mov     byte ptr [rip + idt + DOUBLE_FAULT * GATE_BYTES + 4], 1
        lidt    [rip + idt_pointer]
        pop     rbp
        ret
end_function load_descriptor_tables

# enable_cpu_features: sets bits that the CPU has, and leaves those that the host had set.

function enable_cpu_features
        push    rbx
        mov     rax, cr0
        or      eax, CR0_MP | CR0_NE | CR0_WP
        mov     cr0, rax

        mov     eax, 1
        cpuid
        mov     rax, cr4
        or      eax, CR4_OSFXSR | CR4_OSXMMEXCPT
        bt      edx, CPUID_PGE
        jnc     .Lno_pge
        or      eax, CR4_PGE
.Lno_pge:
        mov     cr4, rax

        mov     eax, 0x80000001
        cpuid
        mov     ebx, edx
        mov     ecx, MSR_EFER
        rdmsr
        bt      ebx, CPUID_SYSCALL
        jnc     .Lno_syscall
        or      eax, EFER_SCE
.Lno_syscall:
        bt      ebx, CPUID_NX
        jnc     .Lno_nx
        or      eax, EFER_NXE
.Lno_nx:
        wrmsr
        pop     rbx
        ret
end_function enable_cpu_features

        .data
        .balign 16
variable gdt, GDT_BYTES
        .quad   0
        .quad   0x00AF9B000000FFFF                      # kernel code, 64-bit
        .quad   0x00CF93000000FFFF                      # kernel data
        .quad   0x00CFF3000000FFFF                      # user data: sysret wants it below the code
        .quad   0x00AFFB000000FFFF                      # user code, 64-bit
        .word   TSS_BYTES - 1, 0                        # TSS, its base filled in at run time
        .byte   0, 0x89, 0, 0
        .quad   0

gdt_pointer:
        .word   GDT_BYTES - 1
        .quad   gdt
idt_pointer:
        .word   IDT_BYTES - 1
        .quad   idt

        .balign 16
variable tss, TSS_BYTES
        .skip   TSS_IO_MAP_BASE
        .word   TSS_BYTES                               # no I/O permission map

        .bss
        .balign 16
variable idt, IDT_BYTES
        .skip   IDT_BYTES

        .balign 4096
        .skip   4096
double_fault_stack_top:
        .skip   4096
exception_stack_top:
